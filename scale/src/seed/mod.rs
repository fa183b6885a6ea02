//! Fills two empty databases with rows as the servers would have written them. The same text on every engine.

mod api;
mod auth;
mod cast;
mod random;
mod rows;
mod size;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use diesel::connection::SimpleConnection;
use shared_claims::Clock;
use shared_service::database::{DatabaseUrl, DbConnection, Migrations, connect};

pub(crate) use cast::{
    ADMINS, CASUAL_READERS, CELEBRITY, COLLECTOR, Cast, DORMANT_READERS, ERASER, HOARDER, KEEPER, ORDINARY,
    PROLIFIC, READERS, username, username_key,
};
pub use size::Size;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
const SALT: [u8; 16] = *b"the same for all";

/// Where the two servers keep their rows.
#[derive(Debug, Clone)]
pub struct Databases {
    /// auth-server's.
    pub auth: DatabaseUrl,
    /// resource-api's.
    pub api: DatabaseUrl,
    /// As they were written, with passwords.
    pub(crate) auth_url: String,
    pub(crate) api_url: String,
}

impl Databases {
    /// By their URLs.
    pub fn at(auth: &str, api: &str) -> anyhow::Result<Self> {
        let parse = |url: &str| url.parse().map_err(|error| anyhow::anyhow!("{error}"));
        Ok(Self { auth: parse(auth)?, api: parse(api)?, auth_url: auth.into(), api_url: api.into() })
    }
}

/// What was done.
#[derive(Debug)]
pub struct Seeded {
    /// The time that the rows were made for.
    pub(crate) cast: Cast,
    /// In both databases.
    pub rows: u64,
    /// How long it took.
    pub took: Duration,
}

/// Migrates both databases and fills them, each on a thread of its own. Refuses one that has users.
pub fn fill(databases: &Databases, size: Size, bcrypt_cost: u32) -> anyhow::Result<Seeded> {
    let fewest = size::FEWEST_USERS;
    ensure!(size.users >= fewest, "with fewer than {fewest} users nobody could follow a hundred of them");
    let cast = Cast::new(size, Clock::system().now_ms());
    let hash = bcrypt::hash_with_salt(PASSWORD, bcrypt_cost, SALT)?.to_string();
    let mut auth = empty(&databases.auth, auth_server::store::MIGRATIONS, "users")?;
    let mut api = empty(&databases.api, resource_api::store::MIGRATIONS, "accounts")?;
    let began = Instant::now();
    let rows = std::thread::scope(|scope| {
        let posts = scope.spawn(|| {
            let rows = api::fill(&mut api, &cast)?;
            anyhow::Ok((rows, analyze(&mut api, API_TABLES)?))
        });
        let users = auth::fill(&mut auth, &cast, &hash)?;
        analyze(&mut auth, AUTH_TABLES)?;
        let (rows, ()) =
            posts.join().map_err(|_| anyhow::anyhow!("filling resource-api's database broke off"))??;
        anyhow::Ok(users + rows)
    })?;
    Ok(Seeded { cast, rows, took: began.elapsed() })
}

/// The rows that are there already, as [`fill`] made them, of this size.
pub(crate) fn known(databases: &Databases, size: Size) -> anyhow::Result<Cast> {
    #[derive(diesel::QueryableByName)]
    struct First {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        written_at: i64,
    }
    let first = diesel::sql_query("SELECT created_at AS written_at FROM posts ORDER BY id LIMIT 1");
    let first: First = diesel::RunQueryDsl::get_result(first, &mut connect(&databases.api)?)
        .with_context(|| format!("{} is to be filled first", databases.api))?;
    Ok(Cast::new(size, first.written_at + api::DAYS * 24 * 60 * 60 * 1000))
}

const AUTH_TABLES: &str = "users, user_roles, sessions, blocked_statuses, status_counter, guards, clients, \
                           client_secrets, removed_clients, ended_client_secrets, audit_events, login_attempts, \
                           known_networks";

const API_TABLES: &str = "accounts, follows, posts";

/// A connection to a database that has every table and nobody in it.
fn empty(url: &DatabaseUrl, migrations: Migrations, table: &str) -> anyhow::Result<DbConnection> {
    migrations.run(url)?;
    let mut connection = connect(url).with_context(|| url.to_string())?;
    // Our own connection alone: the pages that are written to stay in memory.
    if matches!(connection, DbConnection::Sqlite(_)) {
        connection.batch_execute("PRAGMA cache_size = -1000000")?;
    }
    let count: Count = diesel::RunQueryDsl::get_result(
        diesel::sql_query(format!("SELECT COUNT(*) AS rows_found FROM {table}")),
        &mut connection,
    )?;
    ensure!(count.rows_found == 0, "{url} has {table} already; only an empty database is filled");
    Ok(connection)
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    rows_found: i64,
}

/// Does it for both databases, when rows were changed and deleted since: what is left of these is not to be looked at.
pub(crate) fn settle(databases: &Databases) -> anyhow::Result<()> {
    analyze(&mut connect(&databases.auth)?, AUTH_TABLES)?;
    analyze(&mut connect(&databases.api)?, API_TABLES)
}

/// Does at once what PostgreSQL and MariaDB do by themselves some time after. SQLite does not, and so the plans that are
/// looked at are those without.
fn analyze(connection: &mut DbConnection, tables: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    match connection {
        DbConnection::Sqlite(_) => connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?,
        DbConnection::Postgres(_) => {
            // By itself it leaves the index entries of a few deleted rows where they are.
            connection.batch_execute(&format!("VACUUM (ANALYZE, INDEX_CLEANUP ON) {tables}"))?;
        }
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(_) => connection.batch_execute(&format!("ANALYZE TABLE {tables}"))?,
    }
    println!("    statistics: {} s", began.elapsed().as_secs());
    Ok(())
}
