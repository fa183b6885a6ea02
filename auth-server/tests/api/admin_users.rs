//! What administrators do with users, and that nobody else does.

use std::time::Duration;

use auth_server::{error::ApiError, store::users};
use futures_util::future::join;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use shared_service::database::DbConnection;

use crate::app::{PASSWORD, Reply, TestApp, Tokens};

const ABSENT: &str = "0192f0c1-2345-7000-8000-000000000000";

async fn id_of(app: &TestApp, tokens: &Tokens) -> String {
    app.get_as("/auth/user", &tokens.access).await.text("id")
}

async fn patch(app: &TestApp, admin: &Tokens, id: &str, body: Value) -> Reply {
    app.call(&admin.access, Method::PATCH, &format!("/admin/users/{id}"), body).await
}

async fn delete(app: &TestApp, admin: &Tokens, id: &str) -> Reply {
    app.call(&admin.access, Method::DELETE, &format!("/admin/users/{id}"), json!(null)).await
}

async fn names(app: &TestApp, admin: &Tokens, query: &str) -> Vec<String> {
    let reply = app.get_as(&format!("/admin/users?{query}"), &admin.access).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let items = reply.body["items"].as_array().unwrap();
    items.iter().map(|item| item["username"].as_str().unwrap().to_owned()).collect()
}

#[actix_rt::test]
async fn nobody_but_an_administrator_gets_in_whatever_he_sends() {
    let app = TestApp::spawn().await;
    let (root, alice) = (app.admin("root").await, app.user("alice").await);
    let narrowed = [("grant_type", "refresh_token"), ("client_id", "first-party"), ("scope", "posts:read")];
    let form = app.request(Method::POST, "/oauth/token").form(&narrowed);
    let narrowed = Reply::of(form.form(&[&narrowed[..], &[("refresh_token", &root.refresh)]].concat())).await;
    let narrowed = narrowed.tokens();
    let one = format!("/admin/users/{ABSENT}");
    let sessions = format!("{one}/sessions");
    for (method, path) in [
        (Method::GET, "/admin/users?limit=nonsense"),
        (Method::POST, "/admin/users"),
        (Method::GET, &one),
        (Method::PATCH, &one),
        (Method::DELETE, &one),
        (Method::GET, &sessions),
        (Method::DELETE, &sessions),
        (Method::GET, "/admin/keys"),
        (Method::POST, "/admin/keys/rotate"),
        (Method::GET, "/admin/audit?cursor=nonsense"),
        (Method::GET, "/admin/clients"),
        (Method::GET, "/admin/nothing"),
    ] {
        let reply = Reply::of(app.request(method.clone(), path).body("nonsense")).await;
        reply.assert_problem(401, "missing_token");
        assert_eq!(reply.header("www-authenticate"), "Bearer");
        for tokens in [&alice, &narrowed] {
            let request = app.request(method.clone(), path).bearer_auth(&tokens.access);
            let reply = Reply::of(request.body("nonsense").header("origin", crate::app::ORIGIN)).await;
            reply.assert_problem(403, "insufficient_scope");
            assert!(reply.header("www-authenticate").contains("scope=\"admin\""), "{reply:?}");
            assert_eq!(reply.header("access-control-allow-origin"), crate::app::ORIGIN);
        }
    }
    let reply = app.get_as("/admin/nothing", &root.access).await;
    reply.assert_problem(404, "not_found");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(app.get_as("/admin/users", &root.access).await.header("cache-control"), "no-store");
}

#[actix_rt::test]
async fn whoever_is_no_administrator_any_more_is_out_at_once() {
    let app = TestApp::spawn().await;
    let (root, other) = (app.admin("root").await, app.admin("other").await);
    let id = id_of(&app, &other).await;
    assert_eq!(patch(&app, &root, &id, json!({"roles": ["user"]})).await.status, StatusCode::OK);
    app.get_as("/admin/users", &other.access).await.assert_problem(401, "invalid_token");
    let renewed = app.refresh(&other.refresh).await.tokens();
    app.get_as("/admin/users", &renewed.access).await.assert_problem(403, "insufficient_scope");
}

#[actix_rt::test]
async fn users_are_listed_newest_first_page_by_page() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    for name in ["alice", "bobby", "carol", "david"] {
        app.clock.advance(Duration::from_millis(1));
        app.sign_up(name).await;
    }
    assert_eq!(names(&app, &root, "").await, ["david", "carol", "bobby", "alice", "root"]);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for expected in [2, 2, 1] {
        let reply = app.get_as(&format!("/admin/users?limit=2&cursor={cursor}"), &root.access).await;
        let items = reply.body["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), expected);
        seen.extend(items);
        cursor = reply.body["next_cursor"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!(cursor, "");
    let mine = app.get_as("/auth/user", &root.access).await.body;
    assert_eq!(seen[4], mine, "an administrator sees what the user sees");
    assert_eq!(seen[0]["roles"], json!(["user"]));
    assert!(!json!(seen).to_string().contains("$2b$"), "a hash came out");
    for (query, field) in [("limit=0", "limit"), ("cursor=x", "cursor"), ("q=a&q=b", "query")] {
        let reply = app.get_as(&format!("/admin/users?{query}"), &root.access).await;
        assert_eq!(reply.faulty_fields(), [field]);
    }
}

#[actix_rt::test]
async fn users_are_found_by_part_of_the_name_or_the_address_and_wildcards_are_none() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    for (name, email) in [
        ("Alice_B", "first@EXAMPLE.org"),
        ("AliceXB", "50%off@example.org"),
        ("carol", r"back\slash@mail.test"),
        ("david", "wow!@mail.test"),
        ("Émile".trim_start_matches('É'), "Émile@mail.test"),
    ] {
        app.clock.advance(Duration::from_millis(1));
        let body = json!({"username": name, "password": PASSWORD, "email": email});
        assert_eq!(app.post("/auth/signup", body).await.status, StatusCode::CREATED, "{name}");
    }
    let everybody = ["mile", "david", "carol", "AliceXB", "Alice_B", "root"];
    for (query, found) in [
        ("q=", &everybody[..]),
        ("q=ALICE", &["AliceXB", "Alice_B"]),
        ("q=example.ORG", &["AliceXB", "Alice_B"]),
        ("q=e_b", &["Alice_B"]),
        ("q=%25", &["AliceXB"]),
        ("q=%5C", &["carol"]),
        ("q=!", &["david"]),
        ("q=%C3%89mile", &["mile"]),
        ("q=alice%25b", &[]),
        ("q='%20OR%201=1", &[]),
        ("q=alice&limit=1", &["AliceXB"]),
    ] {
        assert_eq!(names(&app, &root, query).await, found, "{query}");
    }
    assert!(names(&app, &root, &format!("q={}", "x".repeat(254))).await.is_empty());
    for bad in ["x".repeat(255), "a%00b".into(), "%0A".into()] {
        let reply = app.get_as(&format!("/admin/users?q={bad}"), &root.access).await;
        assert_eq!(reply.faulty_fields(), ["q"]);
    }
}

#[actix_rt::test]
async fn an_administrator_adds_users_also_while_signup_is_off() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    let app = app.spawn_beside_with(&[("AUTH__SIGNUP", "off")]).await;
    app.sign_up("alice").await.assert_problem(403, "signup_off");
    let add = async |body: Value| app.call(&root.access, Method::POST, "/admin/users", body).await;
    let reply = add(json!({"username": "Alice", "password": PASSWORD})).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
    let id = reply.text("id");
    let issuer = app.state.config.issuer.as_str();
    assert_eq!(reply.header("location"), format!("{issuer}/admin/users/{id}"));
    let expected = json!({
        "id": id, "username": "Alice", "email": null, "roles": ["user"], "is_active": true,
        "created_at": "2027-01-15T08:00:00Z",
    });
    assert_eq!(reply.body, expected);
    assert_eq!(app.get_as(&format!("/admin/users/{id}"), &root.access).await.body, expected);
    app.log_in("alice").await;

    let roles = json!(["writer", "admin", "writer"]);
    let body = json!({"username": "bobby", "password": PASSWORD, "email": "b@example.org", "roles": roles});
    let reply = add(body).await;
    assert_eq!(
        (&reply.body["roles"], &reply.body["email"]),
        (&json!(["admin", "writer"]), &json!("b@example.org"))
    );
    add(json!({"username": "ALICE", "password": PASSWORD})).await.assert_problem(409, "username_taken");
}

#[actix_rt::test]
async fn users_that_administrators_add_obey_the_rules_of_signup() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    let add = async |body: Value| app.call(&root.access, Method::POST, "/admin/users", body).await;
    let reply = add(json!({"username": "a", "password": "x", "email": "nowhere"})).await;
    assert_eq!(reply.faulty_fields(), ["username", "password", "email"]);
    for password in ["password123", "carolcarol", &"x".repeat(73)] {
        let reply = add(json!({"username": "carolcarol", "password": password})).await;
        assert_eq!(reply.faulty_fields(), ["password"], "{password}");
    }
    let many: Vec<String> = (0..33).map(|n| format!("role-{n}")).collect();
    for roles in [json!(["Admin"]), json!([""]), json!(["a b"]), json!(many)] {
        let reply = add(json!({"username": "carol", "password": PASSWORD, "roles": roles})).await;
        assert_eq!(reply.faulty_fields(), ["roles"], "{roles}");
    }
    assert_eq!(names(&app, &root, "").await, ["root"]);
}

#[actix_rt::test]
async fn new_roles_revoke_the_tokens_with_the_old_ones_and_the_same_roles_again_revoke_none() {
    let app = TestApp::spawn().await;
    let (root, alice) = (app.admin("root").await, app.user("alice").await);
    let id = id_of(&app, &alice).await;
    for same in [
        json!({"roles": ["user", "user"]}),
        json!({"is_active": true}),
        json!({"roles": ["user"], "is_active": true}),
    ] {
        let reply = patch(&app, &root, &id, same).await;
        assert_eq!((reply.status, &reply.body["roles"]), (StatusCode::OK, &json!(["user"])));
        app.assert_alive(&alice).await;
    }
    let reply = patch(&app, &root, &id, json!({"roles": ["writer", "user"]})).await;
    assert_eq!((reply.status, &reply.body["roles"]), (StatusCode::OK, &json!(["user", "writer"])));
    app.get_as("/auth/user", &alice.access).await.assert_problem(401, "invalid_token");
    assert!(app.is_revoked(&alice.access).await);
    let renewed = app.refresh(&alice.refresh).await.tokens();
    assert_eq!(app.get_as("/auth/user", &renewed.access).await.body, reply.body);
    let reply = patch(&app, &root, &id, json!({"roles": []})).await;
    assert_eq!((reply.status, &reply.body["roles"]), (StatusCode::OK, &json!([])));
    let without = app.log_in("alice").await;
    assert_eq!(app.verify(&without.access, "resource-api").await.scope.to_string(), "");
    app.assert_alive(&without).await;
}

#[actix_rt::test]
async fn who_is_switched_off_is_out_until_he_logs_in_after_being_switched_on() {
    let app = TestApp::spawn().await;
    let (root, alice, bob) = (app.admin("root").await, app.user("alice").await, app.user("bobby").await);
    let id = id_of(&app, &alice).await;
    let reply = patch(&app, &root, &id, json!({"is_active": false, "roles": ["writer"]})).await;
    assert_eq!((&reply.body["is_active"], &reply.body["roles"]), (&json!(false), &json!(["writer"])));
    app.assert_ended(&alice).await;
    app.log_in_with("alice", PASSWORD).await.assert_problem(401, "invalid_credentials");
    let reply = patch(&app, &root, &id, json!({"is_active": true})).await;
    assert_eq!((&reply.body["is_active"], &reply.body["roles"]), (&json!(true), &json!(["writer"])));
    app.assert_ended(&alice).await;
    app.assert_alive(&app.log_in("alice").await).await;
    app.assert_alive(&bob).await;
}

#[actix_rt::test]
async fn a_change_says_what_it_wants_and_of_whom() {
    let app = TestApp::spawn().await;
    let (root, alice) = (app.admin("root").await, app.user("alice").await);
    let id = id_of(&app, &alice).await;
    for nothing in [json!({}), json!({"roles": null}), json!({"username": "bobby"})] {
        assert_eq!(patch(&app, &root, &id, nothing).await.faulty_fields(), ["body"]);
    }
    for (body, field) in [
        (json!({"roles": "admin"}), "roles"),
        (json!({"roles": ["Admin"], "is_active": false}), "roles"),
        (json!({"is_active": "no"}), "is_active"),
    ] {
        assert_eq!(patch(&app, &root, &id, body).await.faulty_fields(), [field]);
    }
    app.assert_alive(&alice).await;
    let upper = patch(&app, &root, &id.to_uppercase(), json!({"roles": ["writer"]})).await;
    assert_eq!(upper.status, StatusCode::OK);
    for id in [ABSENT, "1", "%00", "%FF", "'%20OR%201=1"] {
        patch(&app, &root, id, json!({"is_active": false})).await.assert_problem(404, "user_not_found");
        delete(&app, &root, id).await.assert_problem(404, "user_not_found");
        for path in [format!("/admin/users/{id}"), format!("/admin/users/{id}/sessions")] {
            app.get_as(&path, &root.access).await.assert_problem(404, "user_not_found");
        }
        let sessions = format!("/admin/users/{id}/sessions");
        let reply = app.call(&root.access, Method::DELETE, &sessions, json!(null)).await;
        reply.assert_problem(404, "user_not_found");
    }
}

#[actix_rt::test]
async fn a_deleted_user_is_gone_and_his_name_is_free() {
    let app = TestApp::spawn().await;
    let (root, alice) = (app.admin("root").await, app.user("alice").await);
    let id = id_of(&app, &alice).await;
    let reply = delete(&app, &root, &id).await;
    assert_eq!((reply.status, &reply.body), (StatusCode::NO_CONTENT, &json!(null)));
    app.assert_ended(&alice).await;
    delete(&app, &root, &id).await.assert_problem(404, "user_not_found");
    let newcomer = app.user("alice").await;
    assert_ne!(id_of(&app, &newcomer).await, id);
}

#[actix_rt::test]
async fn the_last_active_administrator_is_removed_by_no_way() {
    let app = TestApp::spawn().await;
    let (root, other) = (app.admin("root").await, app.admin("other").await);
    let (id, others) = (id_of(&app, &root).await, id_of(&app, &other).await);
    assert_eq!(patch(&app, &root, &others, json!({"is_active": false})).await.status, StatusCode::OK);
    for body in [
        json!({"roles": ["user"]}),
        json!({"roles": []}),
        json!({"is_active": false}),
        json!({"roles": ["user"], "is_active": false}),
        json!({"roles": ["admin"], "is_active": false}),
    ] {
        patch(&app, &root, &id, body).await.assert_problem(409, "last_admin");
    }
    delete(&app, &root, &id).await.assert_problem(409, "last_admin");
    let body = json!({"password": PASSWORD});
    app.call(&root.access, Method::DELETE, "/auth/user", body).await.assert_problem(409, "last_admin");
    for command in [&["users", "deactivate", "root"][..], &["users", "set-roles", "root", "user"]] {
        assert!(!app.command_line(command, "").await.status.success());
    }
    app.assert_alive(&root).await;
    assert_eq!(patch(&app, &root, &id, json!({"roles": ["admin"]})).await.status, StatusCode::OK);
    let root = app.refresh(&root.refresh).await.tokens();
    assert_eq!(patch(&app, &root, &others, json!({"is_active": true})).await.status, StatusCode::OK);
    assert_eq!(delete(&app, &root, &id).await.status, StatusCode::NO_CONTENT);
}

/// Each acts on the other at the same moment, through servers of their own. Whoever comes second is no longer let in, if
/// he comes late; otherwise he would remove the last one.
#[actix_rt::test]
async fn of_two_administrators_who_remove_each_other_at_once_one_is_left() {
    let app = TestApp::spawn_without_limits().await;
    let beside = app.spawn_beside_with(&[("AUTH__LIMITS__ENABLED", "false")]).await;
    let mut refused_as_last = 0;
    for round in 0..12 {
        let names = [format!("one-{round}"), format!("two-{round}")];
        let (one, two) = (app.admin(&names[0]).await, app.admin(&names[1]).await);
        let ids = [id_of(&app, &one).await, id_of(&app, &two).await];
        let way = |app, by, id: &str| {
            let id = id.to_owned();
            let body = if round % 2 == 0 { json!({"roles": ["user"]}) } else { json!({"is_active": false}) };
            async move {
                if round % 3 == 0 { delete(app, by, &id).await } else { patch(app, by, &id, body).await }
            }
        };
        let (first, second) = join(way(&app, &one, &ids[1]), way(&beside, &two, &ids[0])).await;
        let (done, refused): (Vec<_>, Vec<_>) =
            [first, second].into_iter().partition(|reply| reply.status.is_success());
        assert_eq!((done.len(), refused.len()), (1, 1), "{done:?} {refused:?}");
        match refused[0].status.as_u16() {
            409 => refused[0].assert_problem(409, "last_admin"),
            _ => refused[0].assert_problem(401, "invalid_token"),
        }
        refused_as_last += usize::from(refused[0].status == StatusCode::CONFLICT);
        // The next two are the only ones again.
        let remove = move |c: &mut DbConnection| ids.iter().try_for_each(|id| users::delete(c, id));
        app.state.store.transaction(move |c| Ok::<_, ApiError>(remove(c)?)).await.unwrap();
    }
    assert!(refused_as_last > 0, "in no round both were let in");
}

#[actix_rt::test]
async fn an_administrator_sees_a_users_sessions_and_ends_them_all() {
    let app = TestApp::spawn().await;
    let (root, alice, bob) = (app.admin("root").await, app.user("alice").await, app.user("bobby").await);
    let (second, third) = (app.log_in("alice").await, app.log_in("alice").await);
    app.post("/auth/logout", json!({"refresh_token": third.refresh})).await;
    let path = format!("/admin/users/{}/sessions", id_of(&app, &alice).await);
    let own = app.get_as("/auth/sessions", &alice.access).await.body;
    let mut expected = own.clone();
    for item in expected["items"].as_array_mut().unwrap() {
        item.as_object_mut().unwrap().remove("current").unwrap();
    }
    assert_eq!(app.get_as(&path, &root.access).await.body, expected);
    assert_eq!(expected["items"].as_array().unwrap().len(), 2);
    let page = app.get_as(&format!("{path}?limit=1"), &root.access).await.body;
    let next = page["next_cursor"].as_str().unwrap();
    let rest = app.get_as(&format!("{path}?limit=1&cursor={next}"), &root.access).await.body;
    assert_eq!(json!([page["items"][0], rest["items"][0]]), expected["items"]);

    let reply = app.call(&root.access, Method::DELETE, &path, json!(null)).await;
    assert_eq!((reply.status, &reply.body), (StatusCode::NO_CONTENT, &json!(null)));
    app.assert_ended(&alice).await;
    app.assert_ended(&second).await;
    app.assert_alive(&bob).await;
    assert_eq!(app.get_as(&path, &root.access).await.body["items"], json!([]));
    let reply = app.call(&root.access, Method::DELETE, &path, json!(null)).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    app.assert_alive(&app.log_in("alice").await).await;
}
