//! A server that keeps its connections and answers nothing.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use shared_service::database::{Store, Unavailable, is_transient};
use test_servers::{Kind, Options, Server};
use tokio::time::timeout;

use crate::{SERVERS, ask, number, parsed, recovery};

const CONNECTIONS: u32 = 4;
/// For a turn, and for the answer; and a little for a busy machine.
const LONGEST: Duration = Duration::from_secs(15);

fn start(kind: &'static Kind) -> (Arc<Server>, Store) {
    let server = Server::start(kind, Options::default());
    let store = Store::open(&parsed(&server.create_database("silent")), CONNECTIONS).unwrap();
    (Arc::new(server), store)
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

async fn everybody_is_answered(kind: &'static Kind) {
    let (server, store) = start(kind);
    join_all((0..CONNECTIONS).map(|_| ask(&store)))
        .await
        .into_iter()
        .for_each(|answer| assert!(answer.is_ok()));
    let before = threads();
    server.freeze();
    let began = Instant::now();
    assert!(!store.ping().await);
    assert!(began.elapsed() < Duration::from_secs(4), "ping took {:?}", began.elapsed());
    let asked = timeout(LONGEST, join_all((0..200).map(|_| ask(&store))));
    for answer in asked.await.expect("everybody is answered") {
        assert!(answer.unwrap_err().is::<Unavailable>());
    }
    // Other tests start threads at the same time; two hundred of them they do not.
    assert!(threads() < before + 100, "{before} threads have become {}", threads());
    server.thaw();
    let took = recovery(&store).await;
    assert!(took < Duration::from_secs(3), "recovery took {took:?}");
    assert!(store.ping().await);
}

#[actix_rt::test]
async fn everybody_is_answered_while_the_server_is_silent() {
    for kind in SERVERS {
        everybody_is_answered(kind).await;
    }
}

/// Its caller was told of a failure, and may have tried again elsewhere.
async fn nothing_is_committed(kind: &'static Kind) {
    let (server, store) = start(kind);
    let execute =
        |statement: &'static str| store.run(move |c| Ok::<_, anyhow::Error>(c.batch_execute(statement)?));
    execute("CREATE TABLE written (x INT)").await.unwrap();
    let freezing = server.clone();
    let given_up = store.transaction(move |c| {
        c.batch_execute("INSERT INTO written VALUES (1)")?;
        freezing.freeze();
        c.batch_execute("INSERT INTO written VALUES (2)")?;
        Ok::<_, anyhow::Error>(())
    });
    let told = timeout(LONGEST, given_up).await.expect("the caller is told");
    assert!(told.unwrap_err().is::<Unavailable>());
    server.thaw();
    recovery(&store).await;
    // It holds what it has written until it is over.
    execute("DELETE FROM written WHERE x = 0").await.unwrap();
    let rows = store.run(|c| Ok::<_, anyhow::Error>(number(c, "SELECT COUNT(*) AS number FROM written")?));
    assert_eq!(rows.await.unwrap(), 0);
}

/// An instance goes silent in the middle of a transaction, and with it stay the locks that it holds.
async fn the_others_go_on(kind: &'static Kind) {
    let server = Server::start(kind, Options::default());
    let url = parsed(&server.create_database("locked"));
    let (silent, other) = (Store::open(&url, 1).unwrap(), Store::open(&url, 1).unwrap());
    let write = "UPDATE counted SET n = n + 1";
    let count = || {
        other.transaction(move |c| {
            c.batch_execute(write)?;
            Ok::<_, anyhow::Error>(())
        })
    };
    let make = "CREATE TABLE counted (n INT); INSERT INTO counted VALUES (1)";
    other.run(move |c| Ok::<_, anyhow::Error>(c.batch_execute(make)?)).await.unwrap();
    let (holds, is_held) = tokio::sync::oneshot::channel();
    let (wakes, woken) = std::sync::mpsc::channel::<()>();
    let paused = tokio::task::spawn_blocking(move || {
        silent.blocking_transaction(|c| {
            c.batch_execute(write)?;
            holds.send(()).unwrap();
            woken.recv().unwrap();
            Ok::<_, anyhow::Error>(c.batch_execute(write)?)
        })
    });
    is_held.await.unwrap();
    let began = Instant::now();
    let refused = count().await.unwrap_err();
    assert!(is_transient(refused.downcast_ref().unwrap()), "{refused:?}");
    while count().await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(45), "its locks stay");
    }
    wakes.send(()).unwrap();
    let error = paused.await.unwrap().unwrap_err();
    assert!(is_transient(error.downcast_ref().unwrap()), "{error:?}");
}

#[actix_rt::test]
async fn an_instance_that_goes_silent_in_a_transaction_does_not_keep_its_locks() {
    join_all(SERVERS.map(the_others_go_on)).await;
}

/// A connection is tried before it is handed out, so here the wait for it is the long one.
async fn nothing_is_begun(kind: &'static Kind) {
    let (server, store) = start(kind);
    ask(&store).await.unwrap();
    let begun = Arc::new(AtomicBool::new(false));
    let noted = begun.clone();
    server.freeze();
    let given_up = store.run(move |_| {
        noted.store(true, Ordering::Relaxed);
        Ok::<_, anyhow::Error>(())
    });
    let told = timeout(LONGEST, given_up).await.expect("the caller is told");
    assert!(told.unwrap_err().is::<Unavailable>());
    server.thaw();
    recovery(&store).await;
    // When all places are taken at once, the one that it had has become free.
    let all_here = Arc::new(Barrier::new(usize::try_from(CONNECTIONS).unwrap()));
    let meet = (0..CONNECTIONS).map(|_| {
        let all_here = all_here.clone();
        store.run(move |_| {
            all_here.wait();
            Ok::<_, anyhow::Error>(())
        })
    });
    timeout(LONGEST, join_all(meet)).await.expect("all places are free").into_iter().for_each(Result::unwrap);
    assert!(!begun.load(Ordering::Relaxed), "what was refused has been done");
}

#[actix_rt::test]
async fn work_that_was_given_up_before_it_began_is_not_begun() {
    for kind in SERVERS {
        nothing_is_begun(kind).await;
    }
}

#[test]
fn a_program_that_ends_does_not_wait_for_a_silent_server() {
    let (server, store) = start(SERVERS[0]);
    let freezing = server.clone();
    let began = Instant::now();
    let ending = std::thread::spawn(move || {
        shared_service::server::block_on(async move {
            ask(&store).await.unwrap();
            freezing.freeze();
            let asking = timeout(Duration::from_secs(1), ask(&store));
            assert!(asking.await.is_err(), "it was answered");
        });
    });
    while !ending.is_finished() && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let took = began.elapsed();
    server.thaw();
    ending.join().unwrap();
    assert!(took < Duration::from_secs(8), "it took {took:?}");
}

#[actix_rt::test]
async fn a_transaction_that_was_given_up_is_not_committed_later() {
    for kind in SERVERS {
        nothing_is_committed(kind).await;
    }
}
