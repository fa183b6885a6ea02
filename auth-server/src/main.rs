//! The program `auth-server`.

use std::process::ExitCode;

fn main() -> ExitCode {
    shared_service::server::block_on(auth_server::cli::run())
}
