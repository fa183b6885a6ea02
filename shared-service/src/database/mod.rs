//! The database: one connection type for every engine, and the only two doors to it.
//!
//! Which engine is used is decided by the scheme of [`DatabaseUrl`]; this folder is the only place that knows there is
//! more than one. Everything else speaks [`DbConnection`].

mod connection;
mod engine;
mod migrations;
mod store;
mod url;

use diesel::result::{DatabaseErrorKind, Error};

pub use connection::DbConnection;
pub use engine::{create, drop_database, is_there};
pub use migrations::{MigrationError, MigrationStatus, Migrations};
pub use store::{Store, Unavailable, transaction};
pub use url::DatabaseUrl;

/// Whether a query failed because the same key is already there.
pub fn is_unique_violation(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

/// What the engines say, in an error of no kind that is known to Diesel, when somebody else held a lock for too long or
/// two waited for each other.
const LOCKED: [&str; 4] = [
    "database is locked",
    "deadlock detected",
    "canceling statement due to lock timeout",
    "Lock wait timeout exceeded; try restarting transaction",
];

/// Whether a query failed for reasons that pass: the server went away, or a lock was not to be had in time.
pub fn is_transient(error: &Error) -> bool {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::UnableToSendCommand,
            _,
        )
        | Error::BrokenTransactionManager => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, info) => LOCKED.contains(&info.message()),
        _ => false,
    }
}
