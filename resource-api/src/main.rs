//! The program `resource-api`.

use std::process::ExitCode;

fn main() -> ExitCode {
    shared_service::server::block_on(resource_api::cli::run())
}
