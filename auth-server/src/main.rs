//! The program `auth-server`.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    auth_server::cli::run().await
}
