//! A server that keeps its connections and answers nothing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use shared_service::database::{Store, Unavailable};
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
