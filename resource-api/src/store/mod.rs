//! The tables and their queries: functions over `&mut DbConnection`, so that they compose into one transaction.
//! Nothing here knows HTTP or tokens.

pub mod accounts;
pub mod follows;
pub mod posts;
pub mod schema;
pub mod timeline;

use diesel_migrations::embed_migrations;
use shared_service::database::Migrations;

/// The migrations of resource-api's database.
pub const MIGRATIONS: Migrations = Migrations {
    sqlite: embed_migrations!("migrations/sqlite"),
    postgres: embed_migrations!("migrations/postgres"),
    mysql: embed_migrations!("migrations/mysql"),
};
