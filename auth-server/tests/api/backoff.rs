//! Who guesses passwords waits; who is only near them does not.

use std::time::Duration;

use actix_rt::net::TcpStream;
use auth_server::purge::purge;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::app::{PASSWORD, Reply, TestApp, Tokens};

const HOME: &str = "192.0.2.1";
const ELSEWHERE: &str = "198.51.100.9";
const WRONG: &str = "not the password";

/// A server behind a proxy that says where requests come from.
async fn spawn() -> TestApp {
    TestApp::spawn_with(&[("AUTH__TRUSTED_PROXIES", "127.0.0.1")]).await
}

async fn log_in_from(app: &TestApp, address: &str, name: &str, password: &str) -> Reply {
    let request = app.request(Method::POST, "/auth/login").header("x-forwarded-for", address);
    Reply::of(request.json(&json!({"username": name, "password": password}))).await
}

/// Guesses that nobody has to wait for.
async fn fail_from(app: &TestApp, address: &str, name: &str, times: usize) {
    for _ in 0..times {
        log_in_from(app, address, name, WRONG).await.assert_problem(401, "invalid_credentials");
    }
}

fn assert_waits(reply: &Reply, seconds: u64) {
    reply.assert_problem(429, "too_many_requests");
    assert_eq!(reply.header("retry-after"), seconds.to_string());
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[actix_rt::test]
async fn after_five_failures_the_wait_doubles_up_to_a_quarter_of_an_hour() {
    let app = spawn().await;
    app.sign_up("alice").await;
    fail_from(&app, HOME, "alice", 5).await;
    for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        assert_waits(&log_in_from(&app, HOME, "alice", WRONG).await, wait);
        app.clock.advance(Duration::from_millis(1000 * wait - 1));
        assert_waits(&log_in_from(&app, HOME, "alice", PASSWORD).await, 1);
        app.clock.advance(Duration::from_millis(1));
        log_in_from(&app, HOME, "alice", WRONG).await.assert_problem(401, "invalid_credentials");
    }
    app.clock.advance(seconds(3600));
    fail_from(&app, HOME, "alice", 5).await;
}

#[actix_rt::test]
async fn a_success_clears_the_count_of_its_network() {
    let app = spawn().await;
    app.sign_up("alice").await;
    for _ in 0..2 {
        fail_from(&app, HOME, "alice", 4).await;
        log_in_from(&app, HOME, "ALICE", PASSWORD).await.tokens();
    }
    fail_from(&app, HOME, "alice", 5).await;
    app.clock.advance(seconds(1));
    log_in_from(&app, HOME, "alice", PASSWORD).await.tokens();
    fail_from(&app, HOME, "alice", 5).await;
}

#[actix_rt::test]
async fn whoever_backs_off_learns_nothing_about_the_account() {
    let app = spawn().await;
    for name in ["alice", "bobby", "carol"] {
        app.sign_up(name).await;
    }
    assert!(app.command_line(&["users", "deactivate", "bobby"], "").await.status.success());
    let long = "x".repeat(500);
    let attempts = [
        ("alice", PASSWORD),
        ("carol", WRONG),
        ("bobby", PASSWORD),
        ("nobody", PASSWORD),
        ("no name!", ""),
        (&long, ""),
    ];
    let mut told = Vec::new();
    for (name, password) in attempts {
        fail_from(&app, HOME, name, 5).await;
        let mut reply = log_in_from(&app, HOME, name, password).await;
        assert_waits(&reply, 1);
        reply.body["request_id"].take();
        let mut headers = reply.headers;
        headers.remove("x-request-id");
        headers.remove("date");
        told.push((reply.body, headers));
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
}

#[actix_rt::test]
async fn guesses_of_one_network_keep_out_no_other() {
    let app = spawn().await;
    app.sign_up("alice").await;
    for host in 1..=5 {
        fail_from(&app, &format!("[2001:db8::{host}]:4711"), "alice", 1).await;
    }
    assert_waits(&log_in_from(&app, "2001:db8::ffff:1", "alice", PASSWORD).await, 1);
    log_in_from(&app, "2001:db8:0:1::1", "alice", PASSWORD).await.tokens();
    log_in_from(&app, HOME, "alice", PASSWORD).await.tokens();
    assert_waits(&log_in_from(&app, "2001:db8::6", "alice", PASSWORD).await, 1);
}

#[actix_rt::test]
async fn many_strangers_wait_together_but_not_who_logs_in_from_where_he_always_does() {
    let app = spawn().await;
    for name in ["alice", "nobody"] {
        if name == "alice" {
            app.sign_up(name).await;
            log_in_from(&app, HOME, name, PASSWORD).await.tokens();
        }
        for stranger in 1..=15 {
            fail_from(&app, &format!("203.0.113.{stranger}"), name, 2).await;
        }
        assert_waits(&log_in_from(&app, ELSEWHERE, name, PASSWORD).await, 1);
    }
    for _ in 0..2 {
        fail_from(&app, HOME, "alice", 1).await;
        log_in_from(&app, HOME, "alice", PASSWORD).await.tokens();
    }
    assert_waits(&log_in_from(&app, ELSEWHERE, "alice", WRONG).await, 1);
    app.clock.advance(seconds(1));
    // The success takes back its own attempt and no more: those elsewhere are where they were.
    log_in_from(&app, ELSEWHERE, "alice", PASSWORD).await.tokens();
    fail_from(&app, "203.0.113.99", "alice", 1).await;
    assert_waits(&log_in_from(&app, "203.0.113.100", "alice", WRONG).await, 2);
}

#[actix_rt::test]
async fn instances_share_the_count() {
    let app = spawn().await;
    let beside = app.spawn_beside_with(&[("AUTH__TRUSTED_PROXIES", "127.0.0.1")]).await;
    app.sign_up("alice").await;
    fail_from(&app, HOME, "alice", 3).await;
    fail_from(&beside, HOME, "alice", 2).await;
    assert_waits(&log_in_from(&app, HOME, "alice", PASSWORD).await, 1);
    assert_waits(&log_in_from(&beside, HOME, "alice", PASSWORD).await, 1);
}

async fn confirm(app: &TestApp, tokens: &Tokens, change: usize, password: &str) -> Reply {
    let (method, path, body) = match change % 3 {
        0 => (Method::PATCH, "/auth/user", json!({"email": null, "current_password": password})),
        1 => {
            let body = json!({"current_password": password, "new_password": "an entirely new phrase"});
            (Method::PUT, "/auth/user/password", body)
        }
        _ => (Method::DELETE, "/auth/user", json!({"password": password})),
    };
    let request = app.as_user(method, path, &tokens.access, &body).header("x-forwarded-for", HOME);
    Reply::of(request).await
}

#[actix_rt::test]
async fn confirming_a_password_counts_as_a_login_does() {
    let app = spawn().await;
    let alice = app.user("alice").await;
    for change in 0..4 {
        assert_eq!(confirm(&app, &alice, change, WRONG).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    fail_from(&app, HOME, "alice", 1).await;
    for change in 0..3 {
        assert_waits(&confirm(&app, &alice, change, PASSWORD).await, 1);
    }
    assert_waits(&log_in_from(&app, HOME, "alice", PASSWORD).await, 1);
    app.clock.advance(seconds(1));
    assert_eq!(confirm(&app, &alice, 0, PASSWORD).await.status, StatusCode::OK);
    fail_from(&app, HOME, "alice", 5).await;
}

#[actix_rt::test]
async fn parallel_guesses_do_not_outrun_the_count() {
    let app = spawn().await;
    app.sign_up("alice").await;
    let guesses = (0..20).map(|_| log_in_from(&app, HOME, "alice", WRONG));
    let replies = futures_util::future::join_all(guesses).await;
    let tried = replies.iter().filter(|reply| reply.status == StatusCode::UNAUTHORIZED).count();
    assert_eq!(tried, 5);
    let waits = replies.iter().filter(|reply| reply.status == StatusCode::TOO_MANY_REQUESTS).count();
    assert_eq!(waits, 15);
}

#[actix_rt::test]
async fn any_number_of_right_passwords_at_once_is_right() {
    let app = spawn().await;
    app.sign_up("alice").await;
    let logins = (0..20).map(|_| log_in_from(&app, HOME, "alice", PASSWORD));
    for reply in futures_util::future::join_all(logins).await {
        reply.tokens();
    }
}

#[actix_rt::test]
async fn a_guess_counts_and_is_recorded_also_when_whoever_made_it_goes_away() {
    let app = TestApp::spawn_with(&[
        ("AUTH__TRUSTED_PROXIES", "127.0.0.1"),
        ("AUTH__PASSWORDS__BCRYPT_COST", "13"),
    ])
    .await;
    app.sign_up("alice").await;
    let body = json!({"username": "alice", "password": WRONG}).to_string();
    let head = format!("POST /auth/login HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {HOME}\r\n");
    let head = format!("{head}content-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let mut connection = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    connection.write_all((head + &body).as_bytes()).await.unwrap();
    while app.state.hasher.in_flight() == 0 {
        actix_rt::task::yield_now().await;
    }
    // Not an orderly end, after which a server goes on: the connection is broken.
    connection.set_zero_linger().unwrap();
    drop(connection);
    let deadline = std::time::Instant::now() + seconds(20);
    while app.recorded("login_failed").await.is_empty() {
        assert!(std::time::Instant::now() < deadline, "the guess was not recorded");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    fail_from(&app, HOME, "alice", 4).await;
    assert_waits(&log_in_from(&app, HOME, "alice", PASSWORD).await, 1);
}

#[actix_rt::test]
async fn where_somebody_has_signed_up_or_logged_in_no_guesser_keeps_him_out_for_long() {
    let app = spawn().await;
    let body = json!({"username": "alice", "password": PASSWORD});
    let signed_up = app.request(Method::POST, "/auth/signup").header("x-forwarded-for", HOME).json(&body);
    assert_eq!(Reply::of(signed_up).await.status, StatusCode::CREATED);
    fail_from(&app, HOME, "alice", 5).await;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_waits(&log_in_from(&app, HOME, "alice", PASSWORD).await, wait);
        app.clock.advance(seconds(wait));
        fail_from(&app, HOME, "alice", 1).await;
    }
}

#[actix_rt::test]
async fn whoever_logs_in_again_when_his_session_has_ended_is_known() {
    let ttl = 200 * 24 * 3600;
    let app = TestApp::spawn_with(&[
        ("AUTH__TRUSTED_PROXIES", "127.0.0.1"),
        ("AUTH__SESSIONS__TTL", &format!("{ttl}s")),
    ])
    .await;
    app.sign_up("alice").await;
    log_in_from(&app, HOME, "alice", PASSWORD).await.tokens();
    app.clock.advance(seconds(ttl + 1));
    for stranger in 1..=15 {
        fail_from(&app, &format!("203.0.113.{stranger}"), "alice", 2).await;
    }
    assert_waits(&log_in_from(&app, ELSEWHERE, "alice", PASSWORD).await, 1);
    log_in_from(&app, HOME, "alice", PASSWORD).await.tokens();
}

#[actix_rt::test]
async fn a_full_hashing_queue_is_told_at_once_and_counts_against_nobody() {
    let app = TestApp::spawn_with(&[
        ("AUTH__TRUSTED_PROXIES", "127.0.0.1"),
        ("AUTH__PASSWORDS__BCRYPT_COST", "13"),
    ])
    .await;
    let alice = app.user("alice").await;
    let one_hash = {
        let started = std::time::Instant::now();
        assert!(app.state.hasher.verify(None, None, true).await.is_ok());
        started.elapsed()
    };
    // Until every thread is at work and every place in the queue is taken.
    let hasher = &app.state.hasher;
    let capacity = std::thread::available_parallelism().unwrap().get() * 17;
    let mut waiting = Vec::new();
    while hasher.in_flight() < capacity {
        let mut hash = Box::pin(hasher.verify(None, None, true));
        match futures_util::future::poll_immediate(hash.as_mut()).await {
            None => waiting.push(hash),
            Some(_) => actix_rt::task::yield_now().await,
        }
    }
    let started = std::time::Instant::now();
    let replies = futures_util::future::join(
        log_in_from(&app, HOME, "alice", PASSWORD),
        confirm(&app, &alice, 0, PASSWORD),
    )
    .await;
    let taken = started.elapsed();
    drop(waiting);
    for reply in [replies.0, replies.1] {
        reply.assert_problem(503, "unavailable");
        assert_ne!(reply.header("retry-after"), "");
    }
    assert!(taken < one_hash, "{taken:?}, and one hash takes {one_hash:?}");
    assert_eq!(purge_after(&app, Duration::from_hours(1)).await["login_attempts"], 0, "nothing was counted");
}

#[actix_rt::test]
async fn what_is_forgotten_is_purged() {
    let app = spawn().await;
    app.sign_up("alice").await;
    log_in_from(&app, HOME, "alice", PASSWORD).await.tokens();
    fail_from(&app, HOME, "alice", 1).await;
    fail_from(&app, ELSEWHERE, "alice", 1).await;
    app.clock.advance(seconds(3599));
    assert_eq!(purge_after(&app, seconds(0)).await, json!({"login_attempts": 0, "known_networks": 0}));
    // Alice at home; alice elsewhere; alice.
    assert_eq!(purge_after(&app, seconds(1)).await, json!({"login_attempts": 3, "known_networks": 0}));
    let almost = seconds(90 * 24 * 3600 - 3601);
    assert_eq!(purge_after(&app, almost).await, json!({"login_attempts": 0, "known_networks": 0}));
    // Where she signed up, and where she logged in.
    assert_eq!(purge_after(&app, seconds(1)).await, json!({"login_attempts": 0, "known_networks": 2}));
}

async fn purge_after(app: &TestApp, time: Duration) -> Value {
    app.clock.advance(time);
    let purged = purge(&app.state).await.unwrap();
    json!({"login_attempts": purged.login_attempts, "known_networks": purged.known_networks})
}

#[actix_rt::test]
async fn with_limits_off_nobody_waits() {
    let app = TestApp::spawn_without_limits().await;
    app.sign_up("alice").await;
    fail_from(&app, HOME, "alice", 7).await;
    app.log_in("alice").await;
}
