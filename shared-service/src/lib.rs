//! What Latchkey's two servers share and a third party never sees: settings, the database, problem details,
//! the scope around every request, health, paging.
//!
//! A leaf of the workspace: it knows nothing of tokens. What both sides agree on about tokens is `shared-claims`.
#![warn(missing_docs)]

pub mod body;
pub mod cli;
pub mod client_address;
pub mod config;
pub mod cors;
pub mod database;
mod forwarded;
pub mod health;
pub mod ids;
pub mod json;
pub mod logging;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod public_document;
pub mod query;
pub mod request;
pub mod server;
pub mod service_info;
pub mod utc;

pub use ids::Ids;
pub use problem::{FieldError, Problem};
pub use utc::UtcTime;
