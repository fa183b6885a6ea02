use reqwest::{Method, StatusCode};
use serde_json::json;
use shared_claims::testing::TestIssuer;

use crate::app::{Reply, START, TestApp};

#[actix_rt::test]
async fn a_user_sees_himself_as_the_database_knows_him_now() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    assert!(app.command_line(&["users", "set-roles", "alice", "admin", "user"], "").await.status.success());
    // The token with the old roles was revoked; the next one brings the new.
    app.get_as("/auth/user", &tokens.access).await.assert_problem(401, "invalid_token");
    let renewed = app.refresh(&tokens.refresh).await.tokens();
    let reply = app.get_as("/auth/user", &renewed.access).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.body["roles"], json!(["admin", "user"]));
    assert_eq!((&reply.body["username"], &reply.body["email"]), (&json!("alice"), &json!(null)));
    assert!(!reply.body.to_string().contains("$2b$"), "the hash came out");
}

#[actix_rt::test]
async fn without_a_token_the_challenge_names_no_error_and_with_a_bad_one_it_does() {
    let app = TestApp::spawn().await;
    let reply = app.get("/auth/user").await;
    reply.assert_problem(401, "missing_token");
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    let reply = app.get_as("/auth/user", "nonsense").await;
    reply.assert_problem(401, "invalid_token");
    assert!(
        reply.header("www-authenticate").starts_with("Bearer error=\"invalid_token\", error_description=")
    );
}

#[actix_rt::test]
async fn an_expired_token_is_refused_after_the_leeway() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    app.clock.set((START + 304) * 1000);
    assert_eq!(app.get_as("/auth/user", &tokens.access).await.status, StatusCode::OK);
    app.clock.set((START + 305) * 1000);
    app.get_as("/auth/user", &tokens.access).await.assert_problem(401, "invalid_token");
}

#[actix_rt::test]
async fn tokens_of_another_issuer_and_refresh_tokens_are_refused() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let foreign = TestIssuer::new(&app.url);
    let forged = foreign.user("alice").audience(&app.url).sign();
    for bad in [forged.as_str(), tokens.refresh.as_str()] {
        app.get_as("/auth/user", bad).await.assert_problem(401, "invalid_token");
    }
}

#[actix_rt::test]
async fn a_token_is_taken_from_the_header_alone() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let query = format!("/auth/user?access_token={}", tokens.access);
    app.get(&query).await.assert_problem(401, "missing_token");
    let basic = app.request(Method::GET, "/auth/user").basic_auth("alice", Some("x"));
    Reply::of(basic).await.assert_problem(401, "missing_token");
}
