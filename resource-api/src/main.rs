//! The program `resource-api`.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    resource_api::cli::run().await
}
