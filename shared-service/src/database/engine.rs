//! What differs between the engines: connecting, beginning a transaction, creating and dropping a database.

#[cfg(feature = "sqlite")]
use std::path::Path;

use diesel::Connection;
#[cfg(any(feature = "sqlite", feature = "mysql"))]
use diesel::ConnectionError;
use diesel::connection::AnsiTransactionManager;
use diesel::connection::SimpleConnection;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use diesel::connection::TransactionManager;
use diesel::{ConnectionResult, QueryResult};

use super::{DatabaseUrl, DbConnection};

/// Opens a connection, ready for use.
///
/// The engine follows from the URL's scheme. (`DbConnection::establish` tries every engine in turn and drops their
/// errors, so that a PostgreSQL that is down would end as a new SQLite file.)
pub(super) fn connect(url: &DatabaseUrl) -> ConnectionResult<DbConnection> {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => connect_sqlite(path),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => {
            diesel::PgConnection::establish(with_timeouts(url).as_str()).map(DbConnection::Postgres)
        }
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(url) => connect_mysql(url),
    }
}

/// Gives up a lock that somebody else holds for longer than five seconds. Not for migrations, which wait for each other.
pub(super) fn limit_waiting(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(c) => c.batch_execute("PRAGMA busy_timeout = 5000"),
        #[cfg(feature = "postgres")]
        DbConnection::Postgres(c) => c.batch_execute("SET lock_timeout = '5s'"),
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(c) => c.batch_execute("SET SESSION innodb_lock_wait_timeout = 5"),
    }
}

/// At the isolation that PostgreSQL has by default: a statement sees what was committed before it, and locks nothing that
/// it only reads.
#[cfg(feature = "mysql")]
fn connect_mysql(url: &url::Url) -> ConnectionResult<DbConnection> {
    let mut connection = diesel::MysqlConnection::establish(url.as_str())?;
    connection
        .batch_execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(DbConnection::Mysql(connection))
}

/// A server that has gone silent is given up, unless the URL has limits of its own: while connecting (seconds), and
/// while what was sent is not acknowledged (milliseconds).
#[cfg(feature = "postgres")]
fn with_timeouts(url: &url::Url) -> url::Url {
    let mut limited = url.clone();
    for (name, value) in [("connect_timeout", "5"), ("tcp_user_timeout", "10000")] {
        if !url.query_pairs().any(|(known, _)| known == name) {
            limited.query_pairs_mut().append_pair(name, value);
        }
    }
    limited
}

/// `busy_timeout` comes first, since switching to WAL takes a lock. `synchronous=FULL`: an acknowledged write survives
/// a power cut.
#[cfg(feature = "sqlite")]
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON;";

#[cfg(feature = "sqlite")]
fn connect_sqlite(path: &Path) -> ConnectionResult<DbConnection> {
    create_file(path)
        .map_err(|error| ConnectionError::BadConnection(format!("{}: {error}", path.display())))?;
    let mut connection = diesel::SqliteConnection::establish(&path.to_string_lossy())?;
    connection.batch_execute(PRAGMAS).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(DbConnection::Sqlite(connection))
}

/// Makes the file readable by its owner alone, before SQLite would make it readable by all.
#[cfg(feature = "sqlite")]
pub(super) fn create_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(|_| ())
}

/// Begins a transaction that may write.
///
/// On SQLite it takes the write lock at once: a transaction that reads first and locks later fails with "database is
/// locked" when another has written in between, and no timeout helps.
pub(super) fn begin(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        #[cfg(feature = "postgres")]
        DbConnection::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(c) => AnsiTransactionManager::begin_transaction(c),
    }
}

/// Whether a pooled connection must be asked before use if it still lives: a server may have gone, a file has not.
pub(super) fn may_go_away(url: &DatabaseUrl) -> bool {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(_) => false,
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(_) => true,
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(_) => true,
    }
}

/// Whether the database is there, as far as can be told without connecting: connecting makes a file that is missing.
pub fn is_there(url: &DatabaseUrl) -> bool {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => path.exists(),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(_) => true,
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(_) => true,
    }
}

/// Creates the database the URL names. It is an error if it is there already.
pub fn create(url: &DatabaseUrl) -> anyhow::Result<()> {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => {
            anyhow::ensure!(!path.exists(), "{} exists already", path.display());
            create_file(path)?;
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => {
            let (mut maintenance, name) = postgres_maintenance(url)?;
            maintenance.batch_execute(&format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\"")))?;
        }
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(url) => {
            let (mut maintenance, name) = mysql_maintenance(url)?;
            let name = name.replace('`', "``");
            maintenance.batch_execute(&format!("CREATE DATABASE `{name}` CHARACTER SET utf8mb4"))?;
        }
    }
    Ok(())
}

/// Drops the database the URL names, with all that is in it.
pub fn drop_database(url: &DatabaseUrl) -> anyhow::Result<()> {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => {
            anyhow::ensure!(path.exists(), "there is no such file");
            for suffix in ["-wal", "-shm", ".migrate.lock"] {
                let mut companion = path.clone().into_os_string();
                companion.push(suffix);
                match std::fs::remove_file(companion) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    _ => {}
                }
            }
            std::fs::remove_file(path)?;
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => {
            let (mut maintenance, name) = postgres_maintenance(url)?;
            maintenance.batch_execute(&format!("DROP DATABASE \"{}\"", name.replace('"', "\"\"")))?;
        }
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(url) => {
            let (mut maintenance, name) = mysql_maintenance(url)?;
            maintenance.batch_execute(&format!("DROP DATABASE `{}`", name.replace('`', "``")))?;
        }
    }
    Ok(())
}

/// A connection to the server's own `postgres` database, from where others are created, and the name in the URL.
#[cfg(feature = "postgres")]
fn postgres_maintenance(url: &url::Url) -> anyhow::Result<(diesel::PgConnection, String)> {
    let name = url.path().trim_matches('/').to_owned();
    let mut maintenance = url.clone();
    maintenance.set_path("/postgres");
    Ok((diesel::PgConnection::establish(maintenance.as_str())?, name))
}

/// A connection to the server's own `information_schema`, from where others are created, and the name in the URL.
#[cfg(feature = "mysql")]
fn mysql_maintenance(url: &url::Url) -> anyhow::Result<(diesel::MysqlConnection, String)> {
    let name = url.path().trim_matches('/').to_owned();
    let mut maintenance = url.clone();
    maintenance.set_path("/information_schema");
    Ok((diesel::MysqlConnection::establish(maintenance.as_str())?, name))
}
