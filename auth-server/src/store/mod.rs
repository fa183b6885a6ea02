//! The tables and every query on them: functions over a connection and plain values, nothing above this folder.

pub mod attempts;
pub mod audit;
pub mod clients;
pub mod guards;
pub mod schema;
pub mod search;
pub mod sessions;
pub mod statuses;
pub mod users;

use diesel_migrations::embed_migrations;
use shared_service::database::Migrations;

/// The migrations of auth-server's database.
pub const MIGRATIONS: Migrations = Migrations {
    sqlite: embed_migrations!("migrations/sqlite"),
    postgres: embed_migrations!("migrations/postgres"),
    mysql: embed_migrations!("migrations/mysql"),
};
