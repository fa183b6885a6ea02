//! The pool, and the two doors to it: [`Store::run`] and [`Store::transaction`].
//!
//! Every call answers within a bounded time, whatever the database does, and however many are waiting. A call takes a place
//! first, of which there are as many as connections, and only then a thread. When the database has gone silent, a
//! statement under way holds its thread and its place until the connection ends; the caller is told after
//! [`ANSWER_WAIT`] all the same, and no more threads than places are ever held.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::web;
use diesel::connection::{InstrumentationEvent, TransactionManager, get_default_instrumentation};
use diesel::r2d2::{self, ManageConnection, Pool, PooledConnection, R2D2Connection};
use diesel::{Connection, QueryResult};
use tokio::{sync::Semaphore, time::timeout};

use super::{
    DatabaseUrl, DbConnection, engine,
    failure::{CannotOpen, is_read_only_refusal},
};

/// How long a call waits for its turn, and then for a connection, before it is told to come back.
const POOL_WAIT: Duration = Duration::from_secs(3);
/// How long a call that has its turn waits for the database. Longer than a statement waits for a lock.
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// How long whoever asks for the state of the database waits to be told.
const PING_WAIT: Duration = Duration::from_secs(2);

/// The database did not answer in time, or the server is stopping. What was to be done may have been done all the same,
/// as with every answer that is lost.
#[derive(Debug, thiserror::Error)]
#[error("the database cannot be reached: {0}")]
pub struct Unavailable(String);

/// A pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Engine>,
    places: Arc<Semaphore>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.pool.state())
    }
}

#[derive(Debug, Clone)]
struct Engine(Arc<DatabaseUrl>);

/// A connection, and whether it has refused to write. After a failover a server that was the primary may keep its
/// connections and write no more; a new connection finds the new primary.
struct Pooled {
    connection: DbConnection,
    is_read_only: Arc<AtomicBool>,
}

impl ManageConnection for Engine {
    type Connection = Pooled;
    type Error = PoolError;

    fn connect(&self) -> Result<Pooled, PoolError> {
        let mut connection = engine::connect(&self.0)?;
        engine::limit_waiting(&mut connection).map_err(r2d2::Error::QueryError)?;
        let is_read_only = Arc::new(AtomicBool::new(false));
        let noted = is_read_only.clone();
        // Whoever watches every connection in this process goes on watching.
        let mut watch = get_default_instrumentation();
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = &event
                && is_read_only_refusal(error)
            {
                noted.store(true, Ordering::Relaxed);
            }
            if let Some(watch) = &mut watch {
                watch.on_connection_event(event);
            }
        });
        Ok(Pooled { connection, is_read_only })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), PoolError> {
        pooled.connection.ping().map_err(|error| r2d2::Error::QueryError(error).into())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        let is_read_only = pooled.is_read_only.load(Ordering::Relaxed);
        std::thread::panicking() || is_read_only || pooled.connection.is_broken()
    }
}

/// Why the pool has no connection to give.
#[derive(Debug, thiserror::Error)]
enum PoolError {
    #[error(transparent)]
    Connect(#[from] CannotOpen),
    #[error(transparent)]
    Query(#[from] r2d2::Error),
}

impl Store {
    /// Opens a pool of at most `connections`, after one connection has been tried, so that a database that cannot be
    /// reached stops the start with its reason.
    pub fn open(url: &DatabaseUrl, connections: u32) -> anyhow::Result<Self> {
        let engine = Engine(Arc::new(url.clone()));
        engine.connect()?;
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(1))
            .connection_timeout(POOL_WAIT)
            .test_on_check_out(engine::may_go_away(url))
            .build_unchecked(engine);
        Ok(Self { pool, places: Arc::new(Semaphore::new(usize::try_from(connections)?)) })
    }

    /// Runs `work` on the blocking pool with a connection of its own. Each statement commits by itself. Not begun once the
    /// caller has been told of a failure; what was begun by then goes on to its end.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Unavailable> + Send + 'static,
    {
        self.run_unless_given_up(move |connection, _| work(connection)).await
    }

    /// Runs `work` in one transaction that may write: committed when `work` succeeds, rolled back when it fails, and also
    /// when it takes so long that the caller has been told of a failure.
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Unavailable> + From<diesel::result::Error> + Send + 'static,
    {
        self.run_unless_given_up(move |connection, given_up| {
            transaction(connection, |connection| {
                let done = work(connection)?;
                if given_up.load(Ordering::Relaxed) { Err(silent().into()) } else { Ok(done) }
            })
        })
        .await
    }

    /// Hands `work` the word whether its caller has given up. A caller that is dropped has not: what it began is finished.
    async fn run_unless_given_up<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection, &AtomicBool) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Unavailable> + Send + 'static,
    {
        let Ok(Ok(place)) = timeout(POOL_WAIT, self.places.clone().acquire_owned()).await else {
            return Err(Unavailable("every connection is in use".into()).into());
        };
        let (pool, given_up) = (self.pool.clone(), Arc::new(AtomicBool::new(false)));
        let told = given_up.clone();
        let work = web::block(move || {
            let mut connection = connection(&pool)?;
            // The wait for the connection may have been the long one: what nobody waits for any more is not begun.
            if told.load(Ordering::Relaxed) {
                return Err(silent().into());
            }
            let outcome = work(&mut connection.connection, &told);
            drop(place);
            outcome
        });
        let Ok(outcome) = timeout(ANSWER_WAIT, work).await else {
            given_up.store(true, Ordering::Relaxed);
            return Err(silent().into());
        };
        outcome.unwrap_or_else(|stopped| Err(Unavailable(stopped.to_string()).into()))
    }

    /// As [`Store::transaction`], on the calling thread and for as long as it takes, for the command line.
    pub fn blocking_transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E>,
        E: From<Unavailable> + From<diesel::result::Error>,
    {
        let connection = &mut connection(&self.pool)?.connection;
        let outcome = transaction(connection, |connection| {
            engine::let_statements_take_their_time(connection)?;
            work(connection)
        });
        // What was committed is done, also when the connection breaks now.
        engine::limit_waiting(connection).ok();
        outcome
    }

    /// Whether the database answers, told within two seconds.
    pub async fn ping(&self) -> bool {
        let ping = self.run(|connection| connection.ping().map_err(|error| Unavailable(error.to_string())));
        matches!(timeout(PING_WAIT, ping).await, Ok(Ok(())))
    }
}

fn silent() -> Unavailable {
    Unavailable("it has not answered in time".into())
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
