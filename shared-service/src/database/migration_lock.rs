//! The lock that migrations run under, so that instances that start at once do not get in each other's way.
//!
//! Nothing is run without it: on PostgreSQL and MySQL it belongs to the connection that the migrations run on, and is gone
//! with it. On PostgreSQL it belongs to the very transaction that they run in, so that it holds behind a proxy that gives
//! each transaction another connection. A file's lock is one of the operating system's, which ends with the process.

use std::time::{Duration, Instant};

#[cfg(any(feature = "postgres", feature = "mysql"))]
use diesel::{QueryResult, QueryableByName, RunQueryDsl};

/// How often somebody who waits looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Somebody who waits says so after this time, and then every so often.
const SAY_SO: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(30));

/// Tries until the lock is there.
pub(super) fn wait_for<E>(mut is_there: impl FnMut() -> Result<bool, E>) -> Result<(), E> {
    let began = Instant::now();
    let mut next_word = began + SAY_SO.0;
    while !is_there()? {
        if Instant::now() >= next_word {
            let waited = began.elapsed().as_secs();
            log::info!("another instance is migrating the database; waiting for it since {waited} s");
            next_word = Instant::now() + SAY_SO.1;
        }
        std::thread::sleep(LOOK_AGAIN);
    }
    Ok(())
}

/// Takes the lock until the end of the transaction. It is one of the database, not of the server.
#[cfg(feature = "postgres")]
pub(super) fn hold_on_postgres(transaction: &mut diesel::PgConnection) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Lock {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        is_held: bool,
    }
    wait_for(|| {
        diesel::sql_query("SELECT pg_try_advisory_xact_lock(hashtext('latchkey-migrations')) AS is_held")
            .get_result(transaction)
            .map(|lock: Lock| lock.is_held)
    })
}

/// Takes the lock until the connection ends. It is one of the server: its name has the database's in it, as a hash, because
/// MySQL takes no more than 64 characters.
#[cfg(feature = "mysql")]
pub(super) fn hold_on_mysql(connection: &mut diesel::MysqlConnection) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Lock {
        #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::BigInt>)]
        is_held: Option<i64>,
    }
    // A table with many rows takes its time, whatever an administrator allows for queries.
    diesel::sql_query("SET SESSION lock_wait_timeout = 86400 /*M!100101 , SESSION max_statement_time = 0 */")
        .execute(connection)?;
    let take = "SELECT GET_LOCK(CONCAT('latchkey-migrations-', SHA1(DATABASE())), 0) AS is_held";
    wait_for(|| match diesel::sql_query(take).get_result::<Lock>(connection)?.is_held {
        Some(held) => Ok(held == 1),
        None => Err(diesel::result::Error::QueryBuilderError("the server gives no lock".into())),
    })
}

/// Takes the lock of a file until the handle is dropped.
#[cfg(feature = "sqlite")]
pub(super) fn hold_beside(path: &std::path::Path) -> std::io::Result<std::fs::File> {
    use std::{
        fs::{OpenOptions, TryLockError},
        os::unix::fs::OpenOptionsExt,
    };
    let mut beside = path.to_owned().into_os_string();
    beside.push(".migrate.lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(beside)?;
    wait_for(|| match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    })?;
    Ok(file)
}
