//! Many ask at once for what needs a silent database: all are refused in time, and the rest goes on. Nor does the server hang
//! when it is told to stop.

use std::{
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::{Client, RequestBuilder};
use serde_json::json;
use test_servers::{Kind, POSTGRES};

use crate::deploy;

const MANY: usize = 60;

/// The status, whether it says when to come back, and how long it took.
fn timed(request: RequestBuilder) -> (u16, bool, Duration) {
    let began = Instant::now();
    let answer = request.send().unwrap();
    (answer.status().as_u16(), answer.headers().contains_key("retry-after"), began.elapsed())
}

fn refused_in_time(kind: &'static Kind) {
    let (_turn, mut deployment) = deploy(kind);
    let server = deployment.auth[0].url();
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
    let get = |path: &str| timed(client.get(format!("{server}{path}")));
    let log_in = |name: &str| {
        let body = json!({"username": name, "password": "correct horse battery"});
        timed(client.post(format!("{server}/auth/login")).json(&body))
    };
    assert_eq!((get("/health/ready").0, log_in("alice").0), (200, 401));

    deployment.database.freeze();
    thread::scope(|scope| {
        let log_in = &log_in;
        let flood: Vec<_> = (0..MANY).map(|i| scope.spawn(move || log_in(&format!("alice{i}")))).collect();
        let nothing_else_waits = || {
            for path in ["/health/live", "/.well-known/jwks.json"] {
                let (status, _, took) = get(path);
                assert!(status == 200 && took < Duration::from_secs(1), "{path}: {status} after {took:?}");
            }
        };
        // While they arrive, and when every connection is stuck.
        nothing_else_waits();
        let (status, comes_back, took) = get("/health/ready");
        assert!(status == 503 && comes_back && took < Duration::from_secs(4), "{status} after {took:?}");
        nothing_else_waits();
        assert!(flood.iter().any(|answer| !answer.is_finished()), "nobody waited any more");
        for answer in flood {
            let (status, comes_back, took) = answer.join().unwrap();
            assert!(status == 503 && comes_back && took < Duration::from_secs(20), "{status} after {took:?}");
        }
    });
    let body = client.get(format!("{server}/health/ready")).send().unwrap().text().unwrap();
    assert!(body.contains("database"), "{body}");

    deployment.database.thaw();
    let thawed = Instant::now();
    while get("/health/ready").0 != 200 {
        assert!(thawed.elapsed() < Duration::from_secs(5), "it does not recover");
    }
    assert_eq!(log_in("alice").0, 401);

    deployment.database.freeze();
    assert_eq!(get("/health/ready").0, 503);
    let took = deployment.auth[0].stop();
    assert!(took < Duration::from_secs(15), "it stopped after {took:?}");
}

#[test]
fn a_flood_on_a_silent_postgresql_is_refused_in_time() {
    refused_in_time(&POSTGRES);
}

#[cfg(feature = "mysql")]
#[test]
fn a_flood_on_a_silent_mariadb_is_refused_in_time() {
    refused_in_time(&test_servers::MARIADB);
}
