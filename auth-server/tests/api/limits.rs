//! Rates per address, door by door.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{ORIGIN, Reply, TestApp};

/// The setting, and the doors that share its rate.
const DOORS: [(&str, &[(&str, &str)]); 6] = [
    (
        "LOGIN",
        &[
            ("POST", "/auth/login"),
            ("PATCH", "/auth/user"),
            ("DELETE", "/auth/user"),
            ("PUT", "/auth/user/password"),
        ],
    ),
    ("SIGNUP", &[("POST", "/auth/signup")]),
    ("REFRESH", &[("POST", "/auth/refresh")]),
    ("TOKEN", &[("POST", "/oauth/token"), ("POST", "/oauth/revoke")]),
    ("INTROSPECT", &[("POST", "/oauth/introspect")]),
    ("STATUS_LISTS", &[("GET", "/oauth/status-lists"), ("GET", "/oauth/status-lists/7")]),
];

/// With this one setting, behind a proxy that says where requests come from.
async fn spawn(setting: &str, rate: &str) -> TestApp {
    let name = format!("AUTH__LIMITS__{setting}");
    TestApp::spawn_with(&[(&name, rate), ("AUTH__TRUSTED_PROXIES", "127.0.0.1")]).await
}

async fn knock(app: &TestApp, (method, path): (&str, &str), address: &str) -> Reply {
    let request = app.request(method.parse().unwrap(), path);
    Reply::of(request.header("x-forwarded-for", address).header("origin", ORIGIN)).await
}

fn assert_limited(reply: &Reply, path: &str) {
    if path.starts_with("/oauth/") {
        assert_eq!((reply.status.as_u16(), &reply.body["error"]), (429, &json!("temporarily_unavailable")));
        assert!(reply.body["error_description"].is_string());
        assert_eq!(reply.header("content-type"), "application/json");
    } else {
        reply.assert_problem(429, "too_many_requests");
    }
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "{wait}");
    assert_ne!(reply.header("access-control-allow-origin"), "", "a page cannot read it");
    assert!(reply.header("access-control-expose-headers").to_lowercase().contains("retry-after"));
}

#[actix_rt::test]
async fn every_door_that_costs_has_a_rate_per_network() {
    for (setting, doors) in DOORS {
        let app = spawn(setting, "3/1m").await;
        for n in 0..3 {
            let door = doors[n % doors.len()];
            assert_ne!(knock(&app, door, "192.0.2.1").await.status.as_u16(), 429, "{door:?}");
        }
        for door in doors {
            assert_limited(&knock(&app, *door, "192.0.2.1").await, door.1);
        }
        // Other networks and other doors have rates of their own.
        assert_ne!(knock(&app, doors[0], "192.0.2.2").await.status.as_u16(), 429);
        for (_, others) in DOORS.iter().filter(|(other, _)| *other != setting) {
            assert_ne!(knock(&app, others[0], "192.0.2.1").await.status.as_u16(), 429, "{others:?}");
        }
    }
}

#[actix_rt::test]
async fn neighbours_in_one_64_share_a_rate() {
    let app = spawn("REFRESH", "3/1m").await;
    let door = ("POST", "/auth/refresh");
    for host in 1..=3 {
        assert_ne!(knock(&app, door, &format!("2001:db8::{host}")).await.status.as_u16(), 429);
    }
    assert_limited(&knock(&app, door, "2001:db8::ffff:4").await, door.1);
    assert_ne!(knock(&app, door, "2001:db8:0:1::1").await.status.as_u16(), 429);
}

#[actix_rt::test]
async fn what_a_peer_claims_that_is_not_trusted_does_not_count() {
    let settings = [("AUTH__LIMITS__REFRESH", "3/1m"), ("AUTH__TRUSTED_PROXIES", "192.0.2.0/24")];
    let app = TestApp::spawn_with(&settings).await;
    let door = ("POST", "/auth/refresh");
    for host in 1..=3 {
        assert_ne!(knock(&app, door, &format!("192.0.2.{host}")).await.status.as_u16(), 429);
    }
    assert_limited(&knock(&app, door, "192.0.2.4").await, door.1);
}

#[actix_rt::test]
async fn a_refusal_comes_before_the_body_is_read() {
    let app = spawn("LOGIN", "1/1m").await;
    let huge = || app.request(Method::POST, "/auth/login").json(&Value::String("x".repeat(20_000)));
    Reply::of(huge()).await.assert_problem(413, "body_too_large");
    Reply::of(huge()).await.assert_problem(429, "too_many_requests");
}

#[actix_rt::test]
async fn looking_at_an_account_takes_nothing_from_the_rate_of_logins() {
    let app = spawn("LOGIN", "1/1m").await;
    for _ in 0..3 {
        knock(&app, ("GET", "/auth/user"), "192.0.2.1").await.assert_problem(401, "missing_token");
    }
    assert_ne!(knock(&app, ("POST", "/auth/login"), "192.0.2.1").await.status.as_u16(), 429);
}

/// Otherwise the pictures of any page could use up the logins of its visitors' network.
#[actix_rt::test]
async fn what_is_no_attempt_takes_nothing_from_the_rate() {
    for (setting, doors) in DOORS.iter().filter(|(setting, _)| *setting != "STATUS_LISTS") {
        let app = spawn(setting, "1/1m").await;
        let (method, path) = doors[0];
        for _ in 0..3 {
            assert_eq!(knock(&app, ("TRACE", path), "192.0.2.1").await.status.as_u16(), 405, "{path}");
        }
        assert_ne!(knock(&app, (method, path), "192.0.2.1").await.status.as_u16(), 429, "{path}");
    }
}

#[actix_rt::test]
async fn preflights_are_not_limited() {
    let app = spawn("LOGIN", "1/1m").await;
    for _ in 0..3 {
        let request = app.request(Method::OPTIONS, "/auth/login").header("origin", ORIGIN);
        let reply = request.header("access-control-request-method", "POST").send().await.unwrap();
        assert_eq!(reply.status().as_u16(), 200);
    }
}

#[actix_rt::test]
async fn limits_can_be_switched_off() {
    for (setting, doors) in DOORS {
        let name = format!("AUTH__LIMITS__{setting}");
        let app = TestApp::spawn_with(&[(&name, "1/1d"), ("AUTH__LIMITS__ENABLED", "false")]).await;
        for _ in 0..3 {
            assert_ne!(knock(&app, doors[0], "192.0.2.1").await.status.as_u16(), 429);
        }
    }
}
