//! What holds for everything that a user may do with an access token.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{ORIGIN, PASSWORD, Reply, TestApp};

const A_SESSION: &str = "/auth/sessions/0192f0c1-2345-7000-8000-000000000000";

/// What a user may do with an access token, with a body that would do it.
fn endpoints() -> [(Method, &'static str, Value); 7] {
    let passwords = json!({"current_password": PASSWORD, "new_password": "an entirely new phrase"});
    let (patch, delete) =
        (json!({"email": null, "current_password": PASSWORD}), json!({"password": PASSWORD}));
    [
        (Method::GET, "/auth/user", json!(null)),
        (Method::PATCH, "/auth/user", patch),
        (Method::DELETE, "/auth/user", delete),
        (Method::PUT, "/auth/user/password", passwords),
        (Method::POST, "/auth/logout-all", json!(null)),
        (Method::GET, "/auth/sessions", json!(null)),
        (Method::DELETE, A_SESSION, json!(null)),
    ]
}

#[actix_rt::test]
async fn only_a_bearer_token_lets_in_and_the_cookie_is_neither_read_nor_cleared() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    let ended = app.log_in("alice").await;
    app.post("/auth/logout", json!({"refresh_token": ended.refresh})).await;
    let cookie = format!("__Host-refresh={}", here.refresh);
    for (method, path, body) in endpoints() {
        let by_cookie = app.request(method.clone(), path).header("origin", ORIGIN).header("cookie", &cookie);
        let reply = Reply::of(by_cookie.json(&body)).await;
        reply.assert_problem(401, "missing_token");
        assert_eq!((reply.header("www-authenticate"), reply.header("set-cookie")), ("Bearer", ""));
        let reply = Reply::of(app.as_user(method.clone(), path, &ended.access, &body)).await;
        reply.assert_problem(401, "invalid_token");
        let reply = Reply::of(app.as_user(method, path, &here.refresh, &body)).await;
        reply.assert_problem(401, "invalid_token");
    }
    app.assert_alive(&here).await;
    let request = app.as_user(Method::POST, "/auth/logout-all", &here.access, &json!(null));
    let reply = Reply::of(request.header("origin", ORIGIN).header("cookie", &cookie)).await;
    assert_eq!((reply.status, reply.header("set-cookie")), (StatusCode::NO_CONTENT, ""));
}

#[actix_rt::test]
async fn pages_of_allowed_origins_may_use_every_method() {
    let app = TestApp::spawn().await;
    for (method, path, _) in endpoints() {
        let request = app
            .request(Method::OPTIONS, path)
            .header("origin", ORIGIN)
            .header("access-control-request-method", method.as_str())
            .header("access-control-request-headers", "authorization,content-type");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{method} {path}");
        let allowed = response.headers()["access-control-allow-methods"].to_str().unwrap().to_owned();
        assert!(allowed.contains(method.as_str()), "{allowed}");
    }
}

#[actix_rt::test]
async fn bodies_and_methods_are_refused_as_elsewhere() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    for (method, path, _) in endpoints().into_iter().filter(|(_, _, body)| !body.is_null()) {
        let send = |content_type: &'static str, body: &'static str| {
            let request = app.as_user(method.clone(), path, &here.access, &json!(null));
            Reply::of(request.header("content-type", content_type).body(body))
        };
        send("text/plain", "{}").await.assert_problem(415, "unsupported_media_type");
        send("application/json", "{").await.assert_problem(400, "invalid_json");
        send("application/json", "").await.assert_problem(400, "invalid_json");
        assert_eq!(send("application/json", "[]").await.faulty_fields(), ["body"]);
    }
    for (path, allow) in [
        ("/auth/user", "GET, PATCH, DELETE"),
        ("/auth/user/password", "PUT"),
        ("/auth/logout-all", "POST"),
        ("/auth/sessions", "GET"),
        ("/auth/sessions/x", "DELETE"),
    ] {
        let wrong = if path == "/auth/user" { Method::POST } else { Method::PATCH };
        let reply = Reply::of(app.as_user(wrong, path, &here.access, &json!(null))).await;
        reply.assert_problem(405, "method_not_allowed");
        assert_eq!(reply.header("allow"), allow);
    }
}

#[actix_rt::test]
async fn a_change_that_fails_halfway_changes_nothing() {
    let app = TestApp::spawn().await;
    let (here, elsewhere) = (app.user("alice").await, app.log_in("alice").await);
    let session = format!("/auth/sessions/{}", app.session(&elsewhere.access).await.id);
    rename(&app, "blocked_statuses", "gone").await;
    for (method, path, body) in endpoints() {
        if method == Method::GET || method == Method::PATCH {
            continue;
        }
        let path = if path == A_SESSION { &session } else { path };
        let reply = Reply::of(app.as_user(method, path, &here.access, &body)).await;
        reply.assert_problem(500, "internal");
        assert!(!reply.body.to_string().contains("blocked"), "the cause came out: {reply:?}");
    }
    rename(&app, "gone", "blocked_statuses").await;
    app.assert_alive(&here).await;
    app.assert_alive(&elsewhere).await;
    app.log_in("alice").await;
}

async fn rename(app: &TestApp, table: &str, to: &str) {
    use diesel::connection::SimpleConnection;
    let statement = format!("ALTER TABLE {table} RENAME TO {to}");
    let renamed =
        app.state.store.run::<_, auth_server::error::ApiError, _>(move |c| Ok(c.batch_execute(&statement)?));
    renamed.await.unwrap();
}
