use std::{cell::Cell, time::Duration};

use futures_util::future::{join, join_all};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::{GRACE, Reply, TestApp};

#[actix_rt::test]
async fn logout_ends_the_session_of_a_refresh_token() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let reply = app.post("/auth/logout", json!({"refresh_token": tokens.refresh})).await;
    assert_eq!((reply.status, reply.body), (StatusCode::NO_CONTENT, json!(null)));
    app.refresh(&tokens.refresh).await.assert_problem(401, "invalid_refresh_token");
    app.get_as("/auth/user", &tokens.access).await.assert_problem(401, "invalid_token");
    let again = app.post("/auth/logout", json!({"refresh_token": tokens.refresh})).await;
    assert_eq!(again.status, StatusCode::NO_CONTENT);
}

#[actix_rt::test]
async fn logout_with_an_access_token_ends_its_session_alone() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    let elsewhere = app.log_in("alice").await;
    let reply = Reply::of(app.request(Method::POST, "/auth/logout").bearer_auth(&here.access)).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    app.refresh(&here.refresh).await.assert_problem(401, "invalid_refresh_token");
    assert_eq!(app.refresh(&elsewhere.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn no_instance_refreshes_a_session_after_another_has_answered_its_logout() {
    let app = TestApp::spawn_without_limits().await;
    let beside = app.spawn_beside().await;
    app.sign_up("alice").await;
    for _ in 0..4 {
        let (tokens, has_ended) = (app.log_in("alice").await, Cell::new(false));
        let log_out = async {
            // In the midst of refreshes.
            let first = beside.refresh(&tokens.refresh).await.tokens();
            let reply = app.post("/auth/logout", json!({"refresh_token": first.refresh})).await;
            assert_eq!(reply.status, StatusCode::NO_CONTENT);
            has_ended.set(true);
        };
        let refreshes = (0..15).map(|n| {
            let (server, has_ended) = (if n % 2 == 0 { &app } else { &beside }, &has_ended);
            let mut link = tokens.refresh.clone();
            async move {
                while !has_ended.get() {
                    let reply = server.refresh(&link).await;
                    if reply.status == StatusCode::OK {
                        link = reply.tokens().refresh;
                    }
                }
                server.refresh(&link).await.assert_problem(401, "invalid_refresh_token");
            }
        });
        join(log_out, join_all(refreshes)).await;
    }
}

#[actix_rt::test]
async fn an_old_genuine_link_ends_its_session_and_an_unknown_one_nobodys() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let second = app.refresh(&first.refresh).await.tokens();
    app.clock.advance(Duration::from_secs(GRACE));
    for unknown in ["", "unknown", &second.refresh[1..]] {
        let reply = app.post("/auth/logout", json!({"refresh_token": unknown})).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT);
    }
    let third = app.refresh(&second.refresh).await.tokens();
    let reply = app.post("/auth/logout", json!({"refresh_token": first.refresh})).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    app.refresh(&third.refresh).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn an_access_token_beside_an_unknown_link_ends_its_session() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let with = |token: &str| {
        let request = app.request(Method::POST, "/auth/logout").bearer_auth(token);
        Reply::of(request.json(&json!({"refresh_token": "made with a secret that was revoked"})))
    };
    assert_eq!(with("nonsense").await.status, StatusCode::NO_CONTENT);
    app.assert_alive(&tokens).await;
    assert_eq!(with(&tokens.access).await.status, StatusCode::NO_CONTENT);
    app.assert_ended(&tokens).await;
}

#[actix_rt::test]
async fn logout_without_anything_to_end_is_told_so() {
    let app = TestApp::spawn().await;
    let reply = Reply::of(app.request(Method::POST, "/auth/logout")).await;
    reply.assert_problem(401, "missing_token");
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    let reply = Reply::of(app.request(Method::POST, "/auth/logout").bearer_auth("nonsense")).await;
    reply.assert_problem(401, "invalid_token");
}
