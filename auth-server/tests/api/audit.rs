//! The audit trail: everything that happens stands in it once, nothing that did not happen, and never a secret.

use std::time::Duration;

use auth_server::{
    error::ApiError,
    purge::purge,
    store::{audit::AuditEvent, schema::audit_events, users},
};
use diesel::{connection::SimpleConnection, prelude::*};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{GRACE, PASSWORD, Reply, TestApp, Tokens};

const NEW_PASSWORD: &str = "an entirely new phrase";
const TYPED_BY_MISTAKE: &str = "hunter2.hunter2";

/// Every event but those of keys, oldest first.
pub(crate) async fn trail(app: &TestApp) -> Vec<AuditEvent> {
    let all = audit_events::table.order(audit_events::id).select(AuditEvent::as_select());
    let load = move |c: &mut _| Ok::<_, ApiError>(all.load::<AuditEvent>(c)?);
    let mut events = app.state.store.run(load).await.unwrap();
    events.retain(|event| !event.event.starts_with("key_"));
    events
}

/// `event actor → subject: detail`, with ids left out.
fn told(event: &AuditEvent) -> String {
    let AuditEvent { event, actor_type, actor_name, subject_name, detail, .. } = event;
    let actor = actor_name.as_deref().unwrap_or(actor_type);
    let detail = detail.as_deref().filter(|text| uuid::Uuid::parse_str(text).is_err());
    let detail = detail.map_or_else(String::new, |text| format!(": {text}"));
    format!("{event} {actor} → {}{detail}", subject_name.as_deref().unwrap_or("-"))
}

/// What has been told since.
async fn since(app: &TestApp, known: &mut usize) -> Vec<String> {
    let events = trail(app).await;
    let new = events[*known..].iter().map(told).collect();
    *known = events.len();
    new
}

async fn change(app: &TestApp, tokens: &Tokens, method: Method, path: &str, body: Value) -> Reply {
    let reply = app.call(&tokens.access, method, path, body).await;
    assert!(reply.status.is_success(), "{reply:?}");
    reply
}

#[actix_rt::test]
async fn what_a_user_does_stands_in_the_trail_once() {
    let app = TestApp::spawn().await;
    let mut known = 0;
    let (here, elsewhere, third) =
        (app.user("alice").await, app.log_in("alice").await, app.log_in("alice").await);
    let logins = ["login_succeeded alice → alice"; 3];
    assert_eq!(since(&app, &mut known).await, [&["signed_up alice → alice: user"][..], &logins].concat());

    app.log_in_with("ALICE", "wrong").await;
    app.log_in_with("nobody", PASSWORD).await;
    app.log_in_with(TYPED_BY_MISTAKE, "alice").await;
    assert_eq!(
        since(&app, &mut known).await,
        ["login_failed anonymous → alice", "login_failed anonymous → -", "login_failed anonymous → -"]
    );

    let id = app.session(&third.access).await.id;
    change(&app, &here, Method::DELETE, &format!("/auth/sessions/{id}"), json!(null)).await;
    assert_eq!(trail(&app).await.last().unwrap().detail.as_deref(), Some(id.as_str()));
    app.post("/auth/logout", json!({"refresh_token": elsewhere.refresh})).await;
    app.post("/auth/logout", json!({"refresh_token": elsewhere.refresh})).await;
    let by_bearer = app.log_in("alice").await;
    change(&app, &by_bearer, Method::POST, "/auth/logout", json!(null)).await;
    change(&app, &by_bearer, Method::POST, "/auth/logout", json!(null)).await;
    let expected = [
        "session_ended alice → alice",
        "logged_out alice → alice",
        "login_succeeded alice → alice",
        "logged_out alice → alice",
    ];
    assert_eq!(since(&app, &mut known).await, expected);

    let email = json!({"email": "alice@example.org", "current_password": PASSWORD});
    change(&app, &here, Method::PATCH, "/auth/user", email).await;
    let email = json!({"email": null, "current_password": PASSWORD});
    change(&app, &here, Method::PATCH, "/auth/user", email).await;
    let wrong = json!({"email": null, "current_password": "wrong"});
    app.call(&here.access, Method::PATCH, "/auth/user", wrong).await.faulty_fields();
    let password = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    change(&app, &here, Method::PUT, "/auth/user/password", password).await;
    change(&app, &here, Method::POST, "/auth/logout-all", json!(null)).await;
    let last = app.log_in_with("alice", NEW_PASSWORD).await.tokens();
    change(&app, &last, Method::DELETE, "/auth/user", json!({"password": NEW_PASSWORD})).await;
    let expected = [
        "email_changed alice → alice: set",
        "email_changed alice → alice: removed",
        "password_confirmation_failed alice → alice",
        "password_changed alice → alice",
        "logged_out_everywhere alice → alice: 1 sessions",
        "login_succeeded alice → alice",
        "user_deleted alice → alice",
    ];
    assert_eq!(since(&app, &mut known).await, expected);
}

#[actix_rt::test]
async fn what_administrators_do_stands_in_the_trail_once() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    let mut known = trail(&app).await.len();
    let body = json!({"username": "alice", "password": PASSWORD});
    let id = change(&app, &root, Method::POST, "/admin/users", body).await.text("id");
    let one = format!("/admin/users/{id}");
    change(&app, &root, Method::PATCH, &one, json!({"roles": ["writer", "user"], "is_active": true})).await;
    change(&app, &root, Method::PATCH, &one, json!({"roles": ["user", "writer"]})).await;
    change(&app, &root, Method::PATCH, &one, json!({"roles": [], "is_active": false})).await;
    app.log_in_with("alice", PASSWORD).await.assert_problem(401, "invalid_credentials");
    change(&app, &root, Method::PATCH, &one, json!({"is_active": true})).await;
    app.log_in("alice").await;
    change(&app, &root, Method::DELETE, &format!("{one}/sessions"), json!(null)).await;
    change(&app, &root, Method::DELETE, &format!("{one}/sessions"), json!(null)).await;
    change(&app, &root, Method::DELETE, &one, json!(null)).await;
    let expected = [
        "user_created root → alice: user",
        "user_roles_changed root → alice: user → user,writer",
        "user_deactivated root → alice",
        "user_roles_changed root → alice: user,writer → (none)",
        "login_failed anonymous → alice: the account is not active",
        "user_activated root → alice",
        "login_succeeded alice → alice",
        "user_sessions_ended root → alice: 1 sessions",
        "user_deleted root → alice",
    ];
    assert_eq!(since(&app, &mut known).await, expected);
}

#[actix_rt::test]
async fn what_the_command_line_does_stands_in_the_trail_once() {
    let app = TestApp::spawn().await;
    let mut known = 0;
    for (arguments, input) in [
        (&["users", "add", "alice", "--password-stdin"][..], PASSWORD),
        (&["users", "set-roles", "alice", "writer", "user"], ""),
        (&["users", "deactivate", "alice"], ""),
        (&["users", "deactivate", "alice"], ""),
        (&["users", "activate", "alice"], ""),
        (&["users", "set-password", "alice", "--password-stdin"], NEW_PASSWORD),
        (&["users", "list"], ""),
        (&["db", "restored"], ""),
    ] {
        let output = app.command_line(arguments, input).await;
        assert!(output.status.success(), "{output:?}");
    }
    assert!(
        !app.command_line(&["users", "add", "ALICE", "--password-stdin"], PASSWORD).await.status.success()
    );
    let expected = [
        "user_created command_line → alice: user",
        "user_roles_changed command_line → alice: user → user,writer",
        "user_deactivated command_line → alice",
        "user_activated command_line → alice",
        "password_changed command_line → alice",
        "database_restored command_line → -: 0 sessions ended",
    ];
    assert_eq!(since(&app, &mut known).await, expected);
}

#[actix_rt::test]
async fn a_replay_stands_in_the_trail_with_its_session_and_nobody_as_actor() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    let session = app.session(&here.access).await.id;
    app.refresh(&here.refresh).await.tokens();
    app.clock.advance(Duration::from_secs(GRACE + 1));
    let mut known = trail(&app).await.len();
    app.refresh(&here.refresh).await.assert_problem(401, "invalid_refresh_token");
    app.refresh(&here.refresh).await.assert_problem(401, "invalid_refresh_token");
    assert_eq!(since(&app, &mut known).await, ["refresh_token_replayed anonymous → alice"]);
    let other = app.log_in("alice").await;
    app.refresh(&other.refresh).await.tokens();
    app.clock.advance(Duration::from_secs(GRACE + 1));
    let form =
        [("grant_type", "refresh_token"), ("client_id", "first-party"), ("refresh_token", &other.refresh)];
    let reply = Reply::of(app.request(Method::POST, "/oauth/token").form(&form)).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    let events = trail(&app).await;
    let replays: Vec<_> = events.iter().filter(|event| event.event == "refresh_token_replayed").collect();
    assert_eq!(replays.len(), 2);
    let first = replays[0];
    assert_eq!(first.detail.as_deref(), Some(session.as_str()));
    assert_eq!((first.ip.as_deref(), &first.actor_id), (Some("127.0.0.1"), &None));
}

#[actix_rt::test]
async fn an_event_tells_who_and_from_where_and_in_which_request() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    app.clock.advance(Duration::from_secs(7));
    let body = json!({"username": "alice", "password": PASSWORD});
    let reply = app.call(&root.access, Method::POST, "/admin/users", body).await;
    let event = trail(&app).await.pop().unwrap();
    let me = app.get_as("/auth/user", &root.access).await.text("id");
    assert_eq!((event.actor_type.as_str(), event.actor_id), ("user", Some(me)));
    assert_eq!((event.subject_id, event.subject_name.as_deref()), (Some(reply.text("id")), Some("alice")));
    assert_eq!(event.occurred_at, app.clock.now_secs());
    assert_eq!(event.ip.as_deref(), Some("127.0.0.1"));
    assert_eq!(event.request_id.as_deref(), Some(reply.header("x-request-id")));
}

#[actix_rt::test]
async fn what_was_refused_or_overtaken_is_not_told_as_done() {
    let app = TestApp::spawn_without_limits().await;
    let (root, alice) = (app.admin("root").await, app.user("alice").await);
    let id = app.get_as("/auth/user", &alice.access).await.text("id");
    let roots = format!("/admin/users/{}", app.get_as("/auth/user", &root.access).await.text("id"));
    let mut known = trail(&app).await.len();
    for body in [json!({"roles": ["user"]}), json!({"is_active": false})] {
        app.call(&root.access, Method::PATCH, &roots, body).await.assert_problem(409, "last_admin");
    }
    app.call(&root.access, Method::DELETE, &roots, json!(null)).await.assert_problem(409, "last_admin");
    app.sign_up("ALICE").await.assert_problem(409, "username_taken");
    app.log_in_with("alice", "").await;
    for (method, path, body) in [
        (Method::PATCH, "/auth/user", json!({"email": "a@example.org", "current_password": PASSWORD})),
        (
            Method::PUT,
            "/auth/user/password",
            json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
        ),
        (Method::DELETE, "/auth/user", json!({"password": PASSWORD})),
    ] {
        let (request, id) = (app.as_user(method, path, &alice.access, &body), id.clone());
        let reply = app.overtaken(request, move |c| Ok(users::touch(c, &id).map(drop)?)).await;
        reply.assert_problem(409, "changed_meanwhile");
    }
    let request =
        app.request(Method::POST, "/auth/login").json(&json!({"username": "alice", "password": PASSWORD}));
    let reply = app.overtaken(request, move |c| Ok(users::touch(c, &id).map(drop)?)).await;
    reply.assert_problem(401, "invalid_credentials");
    assert_eq!(
        since(&app, &mut known).await,
        [
            "login_failed anonymous → alice",
            "login_failed anonymous → alice: the account was changed meanwhile"
        ]
    );
}

#[actix_rt::test]
async fn a_login_that_has_to_wait_is_not_recorded() {
    let app = TestApp::spawn().await;
    app.sign_up("alice").await;
    let mut tried = 0;
    while app.log_in_with("alice", "wrong").await.status != StatusCode::TOO_MANY_REQUESTS {
        tried += 1;
    }
    app.log_in_with("alice", PASSWORD).await.assert_problem(429, "too_many_requests");
    let events = trail(&app).await;
    assert_eq!(events.iter().filter(|event| event.event == "login_failed").count(), tried);
}

#[actix_rt::test]
async fn what_cannot_be_recorded_does_not_happen() {
    let app = TestApp::spawn_without_limits().await;
    let (root, alice) = (app.admin("root").await, app.user("alice").await);
    let id = app.get_as("/auth/user", &alice.access).await.text("id");
    let session = format!("/auth/sessions/{}", app.session(&app.log_in("alice").await.access).await.id);
    execute(&app, "ALTER TABLE audit_events RENAME TO gone").await;
    let (one, sessions) = (format!("/admin/users/{id}"), format!("/admin/users/{id}/sessions"));
    let new = json!({"username": "bobby", "password": PASSWORD});
    for (tokens, method, path, body) in [
        (
            &alice,
            Method::PATCH,
            "/auth/user",
            json!({"email": "a@example.org", "current_password": PASSWORD}),
        ),
        (
            &alice,
            Method::PUT,
            "/auth/user/password",
            json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
        ),
        (&alice, Method::DELETE, "/auth/user", json!({"password": PASSWORD})),
        (&alice, Method::POST, "/auth/logout-all", json!(null)),
        (&alice, Method::POST, "/auth/logout", json!({"refresh_token": alice.refresh})),
        (&alice, Method::POST, "/auth/logout", json!(null)),
        (&alice, Method::DELETE, &session, json!(null)),
        (&root, Method::POST, "/auth/signup", new.clone()),
        (&root, Method::POST, "/auth/login", json!({"username": "alice", "password": PASSWORD})),
        (&root, Method::POST, "/admin/users", new),
        (&root, Method::PATCH, &one, json!({"roles": ["writer"]})),
        (&root, Method::PATCH, &one, json!({"is_active": false})),
        (&root, Method::DELETE, &sessions, json!(null)),
        (&root, Method::DELETE, &one, json!(null)),
    ] {
        let reply = app.call(&tokens.access, method, path, body).await;
        reply.assert_problem(500, "internal");
    }
    // A refusal changes nothing, and is one all the same.
    app.log_in_with("alice", "wrong").await.assert_problem(401, "invalid_credentials");
    execute(&app, "ALTER TABLE gone RENAME TO audit_events").await;
    app.assert_alive(&alice).await;
    let listed = app.get_as("/admin/users", &root.access).await.body["items"].clone();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["roles"]), (2, &json!(["user"])));
    assert_eq!((&listed[0]["email"], &listed[0]["is_active"]), (&json!(null), &json!(true)));
    assert_eq!(app.get_as("/auth/sessions", &alice.access).await.body["items"].as_array().unwrap().len(), 2);
}

async fn execute(app: &TestApp, statement: &'static str) {
    let run = app.state.store.run::<_, ApiError, _>(move |c| Ok(c.batch_execute(statement)?));
    run.await.unwrap();
}

#[actix_rt::test]
async fn no_secret_and_nothing_typed_by_a_stranger_is_in_the_trail() {
    let app = TestApp::spawn_without_limits().await;
    let root = app.admin("root").await;
    let (here, elsewhere) = (app.user("alice").await, app.log_in("alice").await);
    let mut secrets = vec![PASSWORD, NEW_PASSWORD, TYPED_BY_MISTAKE, "alice@example.org"];
    for name in [TYPED_BY_MISTAKE, PASSWORD, "nobody\u{7}", &"x".repeat(5000)] {
        app.log_in_with(name, TYPED_BY_MISTAKE).await;
    }
    app.log_in_with("alice", TYPED_BY_MISTAKE).await;
    let email = json!({"email": "alice@example.org", "current_password": PASSWORD});
    change(&app, &here, Method::PATCH, "/auth/user", email).await;
    let wrong = json!({"email": TYPED_BY_MISTAKE, "current_password": TYPED_BY_MISTAKE});
    app.call(&here.access, Method::PATCH, "/auth/user", wrong).await;
    let refreshed = app.refresh(&here.refresh).await.tokens();
    app.clock.advance(Duration::from_secs(GRACE + 1));
    app.refresh(&here.refresh).await;
    let last = app.log_in("alice").await;
    let password = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    change(&app, &last, Method::PUT, "/auth/user/password", password).await;
    let body = json!({"name": "billing", "scopes": ["users:read"]});
    let client = change(&app, &root, Method::POST, "/admin/clients", body).await;
    let (client_id, secret) = (client.text("client_id"), client.text("client_secret"));
    let form = [("grant_type", "client_credentials"), ("client_id", &client_id), ("client_secret", &secret)];
    let token = Reply::of(app.request(Method::POST, "/oauth/token").form(&form)).await.text("access_token");
    let form = [("client_id", &client_id), ("client_secret", &secret), ("token", &token)];
    let revoked = Reply::of(app.request(Method::POST, "/oauth/revoke").form(&form)).await;
    assert_eq!(revoked.status, StatusCode::OK);
    let path = format!("/admin/clients/{client_id}/secret");
    let second = change(&app, &root, Method::POST, &path, json!(null)).await.text("client_secret");
    change(&app, &root, Method::DELETE, &path, json!(null)).await;
    for tokens in [&root, &here, &elsewhere, &refreshed, &last] {
        secrets.extend([tokens.access.as_str(), &tokens.refresh]);
        // The signature alone would be enough.
        secrets.push(tokens.access.rsplit('.').next().unwrap());
    }
    secrets.extend([secret.as_str(), &second, &token]);
    let all = audit_events::table.select(AuditEvent::as_select());
    let all = app.state.store.run(move |c| Ok::<_, ApiError>(all.load::<AuditEvent>(c)?)).await.unwrap();
    assert!(all.len() > 15, "{}", all.len());
    let dump = format!("{all:?}");
    for secret in secrets {
        assert!(!dump.contains(secret), "{secret} is in the trail");
    }
}

#[actix_rt::test]
async fn events_are_kept_for_as_long_as_the_settings_say() {
    let app = TestApp::spawn().await;
    app.sign_up("alice").await;
    // Keys made at the start are told by then, too.
    let day = Duration::from_hours(24);
    app.clock.advance(day * 90);
    app.sign_up("bobby").await;
    assert_eq!(trail(&app).await.len(), 2);
    assert_eq!(purge(&app.state).await.unwrap().audit_events, 0);
    app.clock.advance(Duration::from_secs(1));
    assert!(purge(&app.state).await.unwrap().audit_events >= 1);
    assert_eq!(trail(&app).await.iter().map(told).collect::<Vec<_>>(), ["signed_up bobby → bobby: user"]);
    let forever = app.spawn_beside_with(&[("AUTH__AUDIT__RETENTION", "off")]).await;
    app.clock.advance(day * 100_000);
    assert_eq!(purge(&forever.state).await.unwrap().audit_events, 0);
    assert_eq!(trail(&app).await.len(), 1);
}
