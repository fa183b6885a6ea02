//! The pool, and the two doors to it: [`Store::run`] and [`Store::transaction`].

use std::{sync::Arc, time::Duration};

use actix_web::web;
use diesel::connection::TransactionManager;
use diesel::r2d2::{self, ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection, QueryResult};

use super::{DatabaseUrl, DbConnection, engine};

/// How long a request waits for a connection before it is told to come back.
const POOL_WAIT: Duration = Duration::from_secs(3);

/// No connection could be had in time, or the server is stopping.
#[derive(Debug, thiserror::Error)]
#[error("the database cannot be reached: {0}")]
pub struct Unavailable(String);

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Engine>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.pool.state())
    }
}

#[derive(Debug, Clone)]
struct Engine(Arc<DatabaseUrl>);

impl ManageConnection for Engine {
    type Connection = DbConnection;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<DbConnection, r2d2::Error> {
        let mut connection = engine::connect(&self.0).map_err(r2d2::Error::ConnectionError)?;
        engine::limit_waiting(&mut connection).map_err(r2d2::Error::QueryError)?;
        Ok(connection)
    }

    fn is_valid(&self, connection: &mut DbConnection) -> Result<(), r2d2::Error> {
        connection.ping().map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, connection: &mut DbConnection) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

impl Store {
    /// Opens a pool of at most `connections`, after one connection has been tried, so that a database that cannot be
    /// reached stops the start with its reason.
    pub fn open(url: &DatabaseUrl, connections: u32) -> anyhow::Result<Self> {
        let engine = Engine(Arc::new(url.clone()));
        engine.connect().map_err(|error| anyhow::anyhow!("cannot open {url}: {error}"))?;
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(POOL_WAIT)
            .test_on_check_out(engine::may_go_away(url))
            .build_unchecked(engine);
        Ok(Self { pool })
    }

    /// Runs `work` on the blocking pool with a connection of its own. Each statement commits by itself.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Unavailable> + Send + 'static,
    {
        let pool = self.pool.clone();
        let outcome = web::block(move || work(&mut *connection(&pool)?)).await;
        outcome.unwrap_or_else(|stopped| Err(Unavailable(stopped.to_string()).into()))
    }

    /// Runs `work` in one transaction that may write: committed when `work` succeeds, rolled back when it fails.
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Unavailable> + From<diesel::result::Error> + Send + 'static,
    {
        self.run(move |connection| transaction(connection, work)).await
    }

    /// As [`Store::transaction`], on the calling thread, for the command line.
    pub fn blocking_transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E>,
        E: From<Unavailable> + From<diesel::result::Error>,
    {
        transaction(&mut *connection(&self.pool)?, work)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> bool {
        self.run(|connection| connection.ping().map_err(|error| Unavailable(error.to_string()))).await.is_ok()
    }
}

fn connection(pool: &Pool<Engine>) -> Result<PooledConnection<Engine>, Unavailable> {
    pool.get().map_err(|error| Unavailable(error.to_string()))
}

/// Runs `work` in one transaction that may write, on a connection that is in none yet.
pub fn transaction<T, E>(
    connection: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E>
where
    E: From<diesel::result::Error>,
{
    engine::begin(connection)?;
    match work(connection) {
        Ok(value) => commit(connection).map(|()| value).map_err(E::from),
        Err(error) => {
            rollback(connection).ok();
            Err(error)
        }
    }
}

fn commit(connection: &mut DbConnection) -> QueryResult<()> {
    <DbConnection as Connection>::TransactionManager::commit_transaction(connection)
}

/// A failed rollback marks the connection as broken, and the pool drops it.
fn rollback(connection: &mut DbConnection) -> QueryResult<()> {
    <DbConnection as Connection>::TransactionManager::rollback_transaction(connection)
}
