use std::collections::HashSet;

use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, send};

#[actix_web::test]
async fn an_unknown_path_is_a_problem() {
    let app = TestApp::spawn().await;
    for path in ["/nowhere", "/api", "/api/", "/api/posts/", "/.well-known/nothing", "/api/users/a/b/c", "//"]
    {
        app.user("alice").get(path).await.expect_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn a_wrong_method_is_told_which_would_be_right() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    for (method, path, allowed) in [
        (Method::POST, "/", vec!["GET"]),
        (Method::GET, "/api/posts", vec!["POST"]),
        (Method::PATCH, "/api/posts/1", vec!["DELETE", "GET"]),
        (Method::GET, "/api/users/bob/follow", vec!["DELETE", "PUT"]),
        (Method::DELETE, "/.well-known/oauth-protected-resource", vec!["GET"]),
        (Method::POST, "/health/ready", vec!["GET"]),
    ] {
        let answer = send(alice.request(method, path)).await;
        answer.expect_problem(405, "method_not_allowed");
        let mut told: Vec<_> = answer.header("allow").unwrap().split(", ").collect();
        told.sort_unstable();
        assert_eq!(told, allowed, "{path}");
    }
}

#[actix_web::test]
async fn every_answer_has_an_id_of_its_own() {
    let app = TestApp::spawn().await;
    let mut ids = HashSet::new();
    for path in ["/", "/api/public", "/nowhere", "/api/timeline", "/health/live"] {
        let answer = app.anonymous().get(path).await;
        assert!(ids.insert(answer.header("x-request-id").unwrap().to_owned()));
    }
}

#[actix_web::test]
async fn a_head_request_is_answered_like_get_without_a_body() {
    let app = TestApp::spawn().await;
    for path in ["/", "/health/live", "/api/whoami"] {
        let answer = send(app.user("alice").request(Method::HEAD, path)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{path}");
    }
}

#[actix_web::test]
async fn health_tells_that_the_server_lives_and_is_ready() {
    let app = TestApp::spawn().await;
    app.anonymous().get("/health/live").await.expect(200);
    let ready = app.anonymous().get("/health/ready").await.expect(200);
    assert_eq!(ready, json!({"status": "ready", "checks": {"database": "ok", "keys": "ok"}}));
}
