use auth_server::store::users;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{PASSWORD, Reply, TestApp, Tokens};

async fn patch(app: &TestApp, access: &str, body: Value) -> Reply {
    Reply::of(app.as_user(Method::PATCH, "/auth/user", access, &body)).await
}

async fn set_email(app: &TestApp, access: &str, email: Value) -> Reply {
    patch(app, access, json!({"email": email, "current_password": PASSWORD})).await
}

async fn delete(app: &TestApp, access: &str, password: &str) -> Reply {
    Reply::of(app.as_user(Method::DELETE, "/auth/user", access, &json!({"password": password}))).await
}

async fn set_roles(app: &TestApp, username: &str, roles: &[&str]) {
    let arguments = [&["users", "set-roles", username], roles].concat();
    assert!(app.command_line(&arguments, "").await.status.success());
}

/// An administrator whose tokens are as good as any.
async fn admin(app: &TestApp, username: &str) -> Tokens {
    app.sign_up(username).await;
    set_roles(app, username, &["admin", "user"]).await;
    app.log_in(username).await
}

#[actix_rt::test]
async fn an_address_is_set_changed_and_removed() {
    let app = TestApp::spawn().await;
    let (here, elsewhere) = (app.user("alice").await, app.log_in("alice").await);
    for (given, kept) in [
        (json!("a@example.org"), json!("a@example.org")),
        (json!("b@example.org"), json!("b@example.org")),
        (json!(null), json!(null)),
        (json!("c@example.org"), json!("c@example.org")),
        (json!(""), json!(null)),
    ] {
        let reply = set_email(&app, &here.access, given).await;
        assert_eq!((reply.status, &reply.body["email"]), (StatusCode::OK, &kept), "{reply:?}");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.body, app.get_as("/auth/user", &here.access).await.body);
    }
    app.assert_alive(&here).await;
    app.assert_alive(&elsewhere).await;
}

#[actix_rt::test]
async fn an_address_is_changed_only_with_the_password_and_to_an_address() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    assert_eq!(set_email(&app, &here.access, json!("a@example.org")).await.status, StatusCode::OK);
    let long = format!("{}@example.org", "x".repeat(250));
    let bad =
        [json!("nonsense"), json!("a b@example.org"), json!("@x"), json!("a@b\0"), json!(long), json!(17)];
    for email in bad {
        assert_eq!(set_email(&app, &here.access, email.clone()).await.faulty_fields(), ["email"], "{email}");
    }
    let cases = [
        (json!({"current_password": PASSWORD}), "email"),
        (json!({"email": "b@example.org"}), "current_password"),
        (json!({"email": "b@example.org", "current_password": null}), "current_password"),
        (json!({"email": "b@example.org", "current_password": "wrong"}), "current_password"),
        (json!({"email": null, "current_password": "wrong"}), "current_password"),
        (json!({"email": "nonsense", "current_password": "wrong"}), "email"),
    ];
    for (body, field) in cases {
        let reply = patch(&app, &here.access, body.clone()).await;
        assert_eq!(reply.faulty_fields(), [field], "{body}");
        assert_eq!(reply.header("www-authenticate"), "");
    }
    assert_eq!(app.get_as("/auth/user", &here.access).await.body["email"], "a@example.org");
}

#[actix_rt::test]
async fn a_deleted_account_is_gone_and_whoever_takes_the_name_inherits_nothing() {
    let app = TestApp::spawn().await;
    let (here, bob) = (app.user("alice").await, app.user("bobby").await);
    let elsewhere = app.log_in("alice").await;
    let old_id = app.get_as("/auth/user", &here.access).await.text("id");
    let reply = delete(&app, &here.access, PASSWORD).await;
    assert_eq!((reply.status, &reply.body), (StatusCode::NO_CONTENT, &json!(null)));
    app.log_in_with("alice", PASSWORD).await.assert_problem(401, "invalid_credentials");
    let newcomer = app.user("Alice").await;
    assert_ne!(app.get_as("/auth/user", &newcomer.access).await.text("id"), old_id);
    app.assert_ended(&here).await;
    app.assert_ended(&elsewhere).await;
    app.assert_alive(&newcomer).await;
    app.assert_alive(&bob).await;
}

#[actix_rt::test]
async fn an_account_is_deleted_only_with_the_password() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    for wrong in ["", "wrong", &"x".repeat(73)] {
        let reply = delete(&app, &here.access, wrong).await;
        assert_eq!(reply.faulty_fields(), ["password"], "{wrong}");
        assert_eq!(reply.header("www-authenticate"), "");
    }
    for body in [json!({}), json!({"password": null}), json!({"current_password": PASSWORD})] {
        let request = app.as_user(Method::DELETE, "/auth/user", &here.access, &body);
        assert_eq!(Reply::of(request).await.faulty_fields(), ["password"], "{body}");
    }
    app.assert_alive(&here).await;
}

#[actix_rt::test]
async fn the_last_active_administrator_cannot_delete_himself() {
    let app = TestApp::spawn().await;
    let (root, other) = (admin(&app, "root").await, admin(&app, "other").await);
    assert!(app.command_line(&["users", "deactivate", "other"], "").await.status.success());
    delete(&app, &root.access, PASSWORD).await.assert_problem(409, "last_admin");
    app.assert_alive(&root).await;
    app.assert_ended(&other).await;
    assert!(app.command_line(&["users", "activate", "other"], "").await.status.success());
    assert_eq!(delete(&app, &root.access, PASSWORD).await.status, StatusCode::NO_CONTENT);
    app.assert_ended(&root).await;
}

#[actix_rt::test]
async fn of_administrators_who_delete_themselves_at_once_one_is_left() {
    let app = TestApp::spawn().await;
    let beside = app.spawn_beside().await;
    let names: Vec<String> = (0..8).map(|n| format!("admin-{n}")).collect();
    let admins = join_all(names.iter().map(|name| admin(&app, name))).await;
    let server = |n: usize| if n.is_multiple_of(2) { &app } else { &beside };
    let deletions =
        join_all(admins.iter().enumerate().map(|(n, tokens)| delete(server(n), &tokens.access, PASSWORD)));
    let (gone, left): (Vec<_>, Vec<_>) = deletions
        .await
        .into_iter()
        .zip(&admins)
        .partition(|(reply, _)| reply.status == StatusCode::NO_CONTENT);
    assert_eq!((gone.len(), left.len()), (7, 1));
    left[0].0.assert_problem(409, "last_admin");
    app.assert_alive(left[0].1).await;
    for (_, tokens) in gone {
        app.assert_ended(tokens).await;
    }
}

#[actix_rt::test]
async fn a_change_that_is_overtaken_by_another_does_nothing() {
    let app = TestApp::spawn_without_limits().await;
    let here = app.user("alice").await;
    let id = app.session(&here.access).await.user_id;
    let bodies = [
        (Method::PATCH, json!({"email": "a@example.org", "current_password": PASSWORD})),
        (Method::DELETE, json!({"password": PASSWORD})),
    ];
    for (method, body) in bodies {
        let (request, id) = (app.as_user(method, "/auth/user", &here.access, &body), id.clone());
        let reply = app.overtaken(request, move |c| Ok(users::touch(c, &id).map(drop)?)).await;
        reply.assert_problem(409, "changed_meanwhile");
    }
    assert_eq!(app.get_as("/auth/user", &here.access).await.body["email"], json!(null));
    app.assert_alive(&here).await;
}

#[actix_rt::test]
async fn a_login_that_is_overtaken_by_the_deletion_starts_no_session() {
    let app = TestApp::spawn_without_limits().await;
    let here = app.user("alice").await;
    let id = app.session(&here.access).await.user_id;
    let body = json!({"username": "alice", "password": PASSWORD});
    let request = app.request(Method::POST, "/auth/login").json(&body);
    let change = app.change();
    let reply = app.overtaken(request, move |c| Ok(auth_server::accounts::changes::remove(c, &id, &change)?));
    reply.await.assert_problem(401, "invalid_credentials");
}
