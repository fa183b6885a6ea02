//! The web client: building and serving it, the types it has from the servers' OpenAPI documents, and its suites.

mod browser;
mod serve;
mod suites;
mod types;

pub(crate) use browser::screenshots;
pub(crate) use serve::WebClient;
pub(crate) use suites::suites;
pub(crate) use types::write as write_types;

/// Its folder, below the workspace's.
const FOLDER: &str = "web-client";
