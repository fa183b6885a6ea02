//! The rules of the store, on a real database: what may happen once happens once, however many try, and what is asked for
//! is found as it was written, whatever the engine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod follows;
mod posts;

use std::sync::{Arc, Barrier};

use diesel::result::Error;
use futures_util::future::join_all;
use resource_api::store::{
    MIGRATIONS,
    accounts::{SeenUser, register},
};
use shared_service::{
    Ids,
    database::{DbConnection, Unavailable},
};
use test_servers::Database;

const ACTORS: usize = 16;
/// Connections of a pool: with two pools one for each actor.
const POOL: u32 = 8;
/// Unix seconds.
const NOW: i64 = 1_800_000_000;

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Query(#[from] Error),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

fn migrated() -> Database {
    let database = Database::empty();
    MIGRATIONS.run(&database.parsed()).unwrap();
    database
}

/// With accounts of these names, each with its name as its `sub`.
async fn with_accounts(names: &'static [&'static str]) -> Database {
    let database = migrated();
    run(&database, move |c| {
        for name in names {
            register(c, &seen(name, name, NOW))?;
        }
        Ok(())
    })
    .await;
    database
}

fn seen(sub: &str, username: &str, seen_at: i64) -> SeenUser {
    SeenUser::new(sub, username, seen_at).unwrap()
}

/// Ids in the order in which they are made.
fn ids(count: usize) -> Vec<String> {
    let ids = Ids::new();
    (0..count).map(|_| ids.next(NOW * 1000).to_string()).collect()
}

async fn run<T: Send + 'static>(
    database: &Database,
    work: impl FnOnce(&mut DbConnection) -> Result<T, Failure> + Send + 'static,
) -> T {
    database.store(1).run(work).await.unwrap()
}

/// Lets all actors, over two pools, do the same at the same moment, and succeed.
async fn together<T: Send + 'static>(
    database: &Database,
    work: impl Fn(usize, &mut DbConnection) -> Result<T, Failure> + Send + Sync + 'static,
) -> Vec<T> {
    let (work, barrier) = (Arc::new(work), Arc::new(Barrier::new(ACTORS)));
    let pools = [database.store(POOL), database.store(POOL)];
    let actors = (0..ACTORS).map(|n| {
        let (work, barrier) = (work.clone(), barrier.clone());
        pools[n % 2].run(move |c| {
            // Each has its connection by now.
            barrier.wait();
            work(n, c)
        })
    });
    join_all(actors).await.into_iter().map(Result::unwrap).collect()
}
