//! A server that is killed and comes back.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use shared_service::database::{Store, is_transient};
use test_servers::{Kind, Options, Server};

use crate::{SERVERS, ask, parsed, recovery};

async fn comes_back(kind: &'static Kind) {
    let mut server = Server::start(kind, Options::default());
    let store = Store::open(&parsed(&server.create_database("back")), 4).unwrap();
    let everybody = || join_all((0..8).map(|_| ask(&store)));
    assert!(everybody().await.iter().all(Result::is_ok));
    // While it is away for a moment no connection is lost by being asked for, so all of them are dead afterwards.
    server.kill();
    server.start_again();
    let took = recovery(&store).await;
    assert!(took < Duration::from_secs(3), "recovery took {took:?}");
    assert!(everybody().await.iter().all(Result::is_ok), "a dead connection was given out");

    server.kill();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(8) {
        let asked = Instant::now();
        assert!(ask(&store).await.is_err());
        assert!(asked.elapsed() < Duration::from_secs(5), "the answer took {:?}", asked.elapsed());
    }
    server.start_again();
    let took = recovery(&store).await;
    assert!(took < Duration::from_secs(3), "recovery took {took:?}");
    assert!(everybody().await.iter().all(Result::is_ok));
}

#[actix_rt::test]
async fn a_connection_that_refuses_to_write_is_replaced() {
    for (kind, no_more) in SERVERS
        .into_iter()
        .zip(["SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ ONLY"])
    {
        let server = Server::start(kind, Options::default());
        let store = Store::open(&parsed(&server.create_database("replica")), 1).unwrap();
        let execute =
            |statement: &'static str| store.run(move |c| Ok::<_, anyhow::Error>(c.batch_execute(statement)?));
        execute("CREATE TABLE written (x INT)").await.unwrap();
        execute(no_more).await.unwrap();
        let refused = execute("INSERT INTO written VALUES (1)").await.unwrap_err();
        assert!(is_transient(refused.downcast_ref().unwrap()), "{refused}");
        execute("INSERT INTO written VALUES (2)").await.unwrap();
    }
}

#[actix_rt::test]
async fn a_server_that_comes_back_is_used_again_within_three_seconds() {
    for kind in SERVERS {
        comes_back(kind).await;
    }
}
