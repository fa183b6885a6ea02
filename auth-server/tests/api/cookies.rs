use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{ORIGIN, PASSWORD, Reply, TestApp};

async fn log_in_by_cookie(app: &TestApp, origin: Option<&str>) -> Reply {
    let body = json!({"username": "alice", "password": PASSWORD, "mode": "cookie"});
    let mut request = app.request(Method::POST, "/auth/login").json(&body);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    Reply::of(request).await
}

async fn send(app: &TestApp, path: &str, cookie: &str, origin: Option<&str>, body: Option<Value>) -> Reply {
    let mut request = app.request(Method::POST, path).header("cookie", cookie);
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    Reply::of(request).await
}

/// `name=value` of a Set-Cookie header.
fn pair(reply: &Reply) -> String {
    reply.header("set-cookie").split(';').next().unwrap().to_owned()
}

async fn app_with_alice(settings: &[(&str, &str)]) -> TestApp {
    let app = TestApp::spawn_with(settings).await;
    app.sign_up("alice").await;
    app
}

#[actix_rt::test]
async fn in_cookie_mode_the_refresh_token_is_in_a_cookie_alone() {
    let app = app_with_alice(&[]).await;
    let reply = log_in_by_cookie(&app, Some(ORIGIN)).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.body.get("refresh_token").is_none() && reply.body["access_token"].is_string());
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("__Host-refresh="), "{cookie}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/", "Max-Age=604800"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} is not in {cookie}");
    }
    assert!(!cookie.contains("Domain"));
}

#[actix_rt::test]
async fn without_tls_the_cookie_has_another_name() {
    let app = app_with_alice(&[("AUTH__COOKIE__SECURE", "false")]).await;
    let reply = log_in_by_cookie(&app, Some(ORIGIN)).await;
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("refresh=") && !cookie.contains("Secure"), "{cookie}");
    let refreshed = send(&app, "/auth/refresh", &pair(&reply), Some(ORIGIN), None).await;
    assert_eq!(refreshed.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_refresh_by_cookie_answers_by_cookie() {
    let app = app_with_alice(&[]).await;
    let cookie = pair(&log_in_by_cookie(&app, Some(ORIGIN)).await);
    let reply = send(&app, "/auth/refresh", &cookie, Some(ORIGIN), None).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.body.get("refresh_token").is_none());
    assert_ne!(pair(&reply), cookie);
    let narrowed = json!({"audience": "resource-api"});
    let reply = send(&app, "/auth/refresh", &pair(&reply), Some(ORIGIN), Some(narrowed)).await;
    let claims = app.verify(&reply.text("access_token"), "resource-api").await;
    assert_eq!(claims.aud.iter().count(), 1);
}

#[actix_rt::test]
async fn cookies_count_only_for_pages_of_allowed_origins() {
    let app = app_with_alice(&[]).await;
    for origin in
        [None, Some("https://evil.example"), Some("null"), Some("http://localhost:3000.evil.example")]
    {
        log_in_by_cookie(&app, origin).await.assert_problem(403, "origin_not_allowed");
    }
    let cookie = pair(&log_in_by_cookie(&app, Some(ORIGIN)).await);
    for origin in [None, Some("https://evil.example")] {
        send(&app, "/auth/refresh", &cookie, origin, None).await.assert_problem(401, "invalid_refresh_token");
        send(&app, "/auth/logout", &cookie, origin, None).await.assert_problem(401, "missing_token");
    }
    assert_eq!(send(&app, "/auth/refresh", &cookie, Some(ORIGIN), None).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn the_cookie_opens_nothing_but_refresh_and_logout() {
    let app = app_with_alice(&[]).await;
    let cookie = pair(&log_in_by_cookie(&app, Some(ORIGIN)).await);
    let request = app.request(Method::GET, "/auth/user").header("cookie", cookie).header("origin", ORIGIN);
    Reply::of(request).await.assert_problem(401, "missing_token");
}

#[actix_rt::test]
async fn body_and_cookie_together_are_refused_and_a_body_must_be_json() {
    let app = app_with_alice(&[]).await;
    let cookie = pair(&log_in_by_cookie(&app, Some(ORIGIN)).await);
    let body = json!({"refresh_token": "x"});
    for path in ["/auth/refresh", "/auth/logout"] {
        send(&app, path, &cookie, Some(ORIGIN), Some(body.clone())).await.assert_problem(400, "bad_request");
        let form = app.request(Method::POST, path).header("cookie", &cookie).header("origin", ORIGIN);
        Reply::of(form.form(&[("refresh_token", "x")])).await.assert_problem(415, "unsupported_media_type");
    }
}

#[actix_rt::test]
async fn only_logout_clears_the_cookie() {
    let app = app_with_alice(&[]).await;
    let cookie = pair(&log_in_by_cookie(&app, Some(ORIGIN)).await);
    let reply = send(&app, "/auth/logout", &cookie, Some(ORIGIN), None).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    let cleared = reply.header("set-cookie");
    assert!(cleared.starts_with("__Host-refresh=;") && cleared.contains("Max-Age=0"), "{cleared}");
    assert!(cleared.contains("Secure") && cleared.contains("Path=/"), "a browser would ignore {cleared}");
    let refused = send(&app, "/auth/refresh", &cookie, Some(ORIGIN), None).await;
    refused.assert_problem(401, "invalid_refresh_token");
    assert_eq!(refused.header("set-cookie"), "");
}
