//! A database server that goes silent: what needs it is refused in bounded time, and everything else goes on.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use test_servers::{Engine, Options, Server};

use crate::{cli::Place, cli_database::serve};

type Answer = (u16, bool, Duration);

/// The status, whether it says when to come back, and how long it took.
fn timed(send: impl FnOnce() -> reqwest::Result<reqwest::blocking::Response>) -> Answer {
    let began = Instant::now();
    let answer = send().unwrap();
    (answer.status().as_u16(), answer.headers().contains_key("retry-after"), began.elapsed())
}

#[test]
fn a_silent_database_is_503_in_bounded_time_and_the_rest_goes_on() {
    // A file does not go silent.
    let Some(kind) = Engine::chosen().kind() else { return };
    let place = Place::without_database();
    let database = Server::start(kind, Options::default());
    let (mut server, address) = serve(&place, &database.create_database("silent"));
    let client =
        reqwest::blocking::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
    let get = |path: &str| timed(|| client.get(format!("{address}{path}")).send());
    let log_in = |name: &str| {
        let body = json!({"username": name, "password": "correct horse battery"});
        timed(|| client.post(format!("{address}/auth/login")).json(&body).send())
    };
    assert_eq!((get("/health/ready").0, log_in("alice").0), (200, 401));

    database.freeze();
    std::thread::scope(|scope| {
        let flood: Vec<_> = (0..60).map(|i| scope.spawn(move || log_in(&format!("alice{i}")))).collect();
        // While every connection is stuck and all are waiting.
        for path in ["/health/live", "/.well-known/jwks.json"] {
            let (status, _, took) = get(path);
            assert!(status == 200 && took < Duration::from_secs(1), "{path}: {status} after {took:?}");
        }
        let (status, comes_back, took) = get("/health/ready");
        assert!(status == 503 && comes_back && took < Duration::from_secs(4), "{status} after {took:?}");
        for answer in flood {
            let (status, comes_back, took) = answer.join().unwrap();
            assert!(status == 503 && comes_back && took < Duration::from_secs(20), "{status} after {took:?}");
        }
    });
    let body = client.get(format!("{address}/health/ready")).send().unwrap().text().unwrap();
    assert!(body.contains("database"), "{body}");

    database.thaw();
    let thawed = Instant::now();
    while get("/health/ready").0 != 200 {
        assert!(thawed.elapsed() < Duration::from_secs(5), "it does not recover");
    }
    assert_eq!(log_in("alice").0, 401);

    // Neither does it hang when it is told to stop.
    database.freeze();
    let stuck = std::thread::spawn(move || client.get(format!("{address}/health/ready")).send());
    stuck.join().unwrap().unwrap();
    let told = Instant::now();
    kill_process(Pid::from_child(&server.0), Signal::TERM).unwrap();
    while server.0.try_wait().unwrap().is_none() {
        assert!(told.elapsed() < Duration::from_secs(15), "it does not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
}
