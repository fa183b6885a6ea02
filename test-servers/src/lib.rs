//! Databases for tests, of the engine that `TEST_DATABASE` names: `sqlite` (when unset), `postgres` or `mysql`.
//!
//! PostgreSQL and MariaDB are started from the machine's own binaries, in a temporary folder, on a free port of the
//! loopback, and are gone with the test program, however it ends. `TEST_POSTGRES_URL` and `TEST_MYSQL_URL` name servers
//! to use instead, with a user that may create databases.
//!
//! [`Database`] is an empty one on the server that the whole test program shares; [`Server`] is one of a test's own, to
//! kill and start again; a [`Folder`] is for the rest that is not to outlive the tests.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that cannot go on fails"
)]

mod database;
mod folder;
mod mariadb;
mod postgres;
mod server;

pub use database::{Database, Engine};
pub use folder::Folder;
pub use mariadb::MARIADB;
pub use postgres::POSTGRES;
pub use server::{Kind, Options, Server};
