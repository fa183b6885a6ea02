//! A server that is killed and comes back.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use shared_service::database::{Store, connect, is_transient};
use test_servers::{Kind, MARIADB, Options, POSTGRES, Server};

use crate::{SERVERS, ask, certificates::Certificates, number, parsed, recovery, tls};

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

/// Kills a server under a statement that takes long.
fn loses_its_server(mut server: Server, database: &str, [slow, is_under_way]: [&'static str; 2], name: &str) {
    let url = parsed(&server.url(database));
    let (mut connection, mut watch) = (connect(&url).unwrap(), connect(&url).unwrap());
    let asking = thread::spawn(move || number(&mut connection, slow));
    let began = Instant::now();
    while number(&mut watch, is_under_way).unwrap() == 0 {
        assert!(began.elapsed() < Duration::from_secs(10), "{name}: it is not asked");
    }
    server.kill();
    let error = asking.join().unwrap().unwrap_err();
    assert!(is_transient(&error), "{name}: {error:?}");
}

#[test]
fn a_statement_that_loses_its_server_may_be_tried_again_with_tls_and_without() {
    let postgres = [
        "SELECT COUNT(pg_sleep(60)) AS number",
        "SELECT COUNT(*) AS number FROM pg_stat_activity WHERE query LIKE '%COUNT(pg_sleep%' \
         AND pid <> pg_backend_pid()",
    ];
    let mariadb = [
        "SELECT SLEEP(60) AS number",
        "SELECT COUNT(*) AS number FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%'",
    ];
    let certificates = Certificates::make();
    loses_its_server(Server::start(&POSTGRES, Options::default()), "postgres", postgres, "PostgreSQL");
    loses_its_server(Server::start(&MARIADB, Options::default()), "mysql", mariadb, "MariaDB");
    loses_its_server(tls::mariadb_with_tls(&certificates), "mysql", mariadb, "MariaDB with TLS");
    #[cfg(feature = "postgres-tls")]
    loses_its_server(tls::postgres_with_tls(&certificates), "postgres", postgres, "PostgreSQL with TLS");
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
