//! The database: one connection type for every engine, and the only two doors to it.
//!
//! Which engine is used is decided by the scheme of [`DatabaseUrl`]; this folder is the only place that knows there is
//! more than one. Everything else speaks [`DbConnection`].

mod administration;
mod connection;
mod engine;
mod failure;
mod migration_lock;
mod migrations;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod seek;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod tls_mode;
mod url;

pub use administration::{create, drop_database, is_there};
pub use connection::DbConnection;
pub use engine::connect;
pub use failure::{CannotOpen, is_deadlock, is_transient, is_unique_violation};
pub use migrations::{MigrationError, MigrationStatus, Migrations};
pub use seek::{OneAfterTheOther, seeks_for_each_row};
pub use store::{Store, Unavailable, transaction};
pub use url::DatabaseUrl;
