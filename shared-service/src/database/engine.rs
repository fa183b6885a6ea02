//! What differs between the engines at work: connecting, limits, beginning a transaction.

use diesel::QueryResult;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use diesel::connection::TransactionManager;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};

use super::{CannotOpen, DatabaseUrl, DbConnection};

/// Opens a connection, ready for use.
///
/// The engine follows from the URL's scheme. (`DbConnection::establish` tries every engine in turn and drops their
/// errors, so that a PostgreSQL that is down would end as a new SQLite file.)
pub fn connect(url: &DatabaseUrl) -> Result<DbConnection, CannotOpen> {
    let connected = match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => super::sqlite::connect(path).map(DbConnection::Sqlite),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => super::postgres::connect(url).map(DbConnection::Postgres),
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(url) => super::mysql::connect(url).map(DbConnection::Mysql),
    };
    connected.map_err(|error| CannotOpen::by(url, &error))
}

/// Gives up a lock that somebody else holds for longer than five seconds, and on a server a statement that takes a minute:
/// nobody waits for its answer by then. Nor does a server wait for long for an instance that has gone silent in the middle
/// of a transaction, and so keeps its locks. Not for migrations, which wait for each other and take their time.
pub(super) fn limit_waiting(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(c) => c.batch_execute("PRAGMA busy_timeout = 5000"),
        #[cfg(feature = "postgres")]
        DbConnection::Postgres(c) => c.batch_execute(
            "SET lock_timeout = '5s'; SET statement_timeout = '60s'; \
                 SET idle_in_transaction_session_timeout = '30s'",
        ),
        // Only MariaDB reads what stands between /*M! and */; MySQL has no such limits but for reading.
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(c) => c.batch_execute(
            "SET SESSION innodb_lock_wait_timeout = 5, SESSION lock_wait_timeout = 5 \
             /*M!100301 , SESSION max_statement_time = 60, SESSION idle_transaction_timeout = 30 */",
        ),
    }
}

/// Lets the statements of this transaction take as long as they need.
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    expect(clippy::unnecessary_wraps, reason = "a file has no such limit")
)]
pub(super) fn let_statements_take_their_time(connection: &mut DbConnection) -> QueryResult<()> {
    match connection {
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        DbConnection::Postgres(c) => c.batch_execute("SET LOCAL statement_timeout = 0"),
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(c) => c.batch_execute(
            "SET SESSION lock_wait_timeout = 5 /*M!100101 , SESSION max_statement_time = 0 */",
        ),
    }
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
