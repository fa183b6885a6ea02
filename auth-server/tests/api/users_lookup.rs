//! `GET /users?username=…`: names to ids, for services.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{app::TestApp, published_list::claims_of};

async fn reader(app: &TestApp) -> String {
    let service = app.service("timeline", "users:read").await;
    app.service_token(&service).await
}

#[actix_rt::test]
async fn names_are_found_without_regard_to_case_each_once_in_the_order_of_names() {
    let app = TestApp::spawn().await;
    let token = reader(&app).await;
    let id = async |name: &str| claims_of(&app.user(name).await.access)["sub"].clone();
    let (bob, alice) = (id("bob").await, id("Alice").await);
    let query = "/users?username=BOB&username=aLICE&username=nobody&username=Bob";
    let reply = app.get_as(query, &token).await;
    assert_eq!((reply.status, reply.header("cache-control")), (StatusCode::OK, "no-store"));
    let expected = json!({"users": [{"id": alice, "username": "Alice"}, {"id": bob, "username": "bob"}]});
    assert_eq!(reply.body, expected);
    // A parameter that is not described is left alone. It is sent past the description, which would not have it.
    let with_other = app.request(Method::GET, &format!("{query}&other=carol")).bearer_auth(&token);
    assert_eq!(with_other.send().await.unwrap().json::<Value>().await.unwrap(), expected);
}

#[actix_rt::test]
async fn what_could_be_no_name_is_not_found_and_no_pattern() {
    let app = TestApp::spawn().await;
    let token = reader(&app).await;
    app.sign_up("alice").await;
    for odd in ["", "a", "%25", "ali%25", "alice%20", "al_ce", "alice%00", "%F0%9F%98%80", "alice%27--"] {
        let reply = app.get_as(&format!("/users?username={odd}"), &token).await;
        assert_eq!((reply.status, &reply.body), (StatusCode::OK, &json!({"users": []})), "{odd}");
    }
}

#[actix_rt::test]
async fn users_who_are_switched_off_are_found_and_deleted_ones_are_not() {
    let app = TestApp::spawn().await;
    let token = reader(&app).await;
    let alice = app.user("alice").await;
    let found = async || app.get_as("/users?username=alice", &token).await.body["users"].clone();
    assert!(app.command_line(&["users", "deactivate", "alice"], "").await.status.success());
    assert_eq!(found().await, json!([{"id": claims_of(&alice.access)["sub"], "username": "alice"}]));
    app.database(|c| {
        let user = auth_server::store::users::find_by_name(c, "alice")?.unwrap().user;
        auth_server::store::users::delete(c, &user.id)
    })
    .await;
    assert_eq!(found().await, json!([]));
}

#[actix_rt::test]
async fn one_to_a_hundred_names_are_asked_for() {
    let app = TestApp::spawn().await;
    let token = reader(&app).await;
    let ask = async |count: usize| {
        let names: Vec<_> = (0..count).map(|n| format!("username={}{n}", "x".repeat(29))).collect();
        app.get_as(&format!("/users?{}", names.join("&")), &token).await
    };
    assert_eq!(ask(100).await.status, StatusCode::OK);
    for count in [0, 101] {
        assert_eq!(ask(count).await.faulty_fields(), ["username"], "{count}");
    }
    assert_eq!(app.get_as("/users", &token).await.faulty_fields(), ["username"]);
}

#[actix_rt::test]
async fn the_scope_opens_it_for_services_and_for_users_whose_role_grants_it() {
    let app = TestApp::spawn_with(&[("AUTH__ROLES__USER", "posts:read users:read")]).await;
    let path = "/users?username=alice";
    app.get(path).await.assert_problem(401, "missing_token");
    app.get_as(path, "nonsense").await.assert_problem(401, "invalid_token");
    let lacking = app.service("lacking", "posts:read admin").await;
    let reply = app.get_as(path, &app.service_token(&lacking).await).await;
    reply.assert_problem(403, "insufficient_scope");
    assert_eq!(reply.header("www-authenticate"), "Bearer error=\"insufficient_scope\", scope=\"users:read\"");
    let alice = app.user("alice").await;
    assert_eq!(app.get_as(path, &alice.access).await.body["users"][0]["username"], "alice");
    // One that is meant for another service opens nothing here.
    let narrow = json!({"refresh_token": alice.refresh, "audience": "resource-api"});
    let narrow = app.post("/auth/refresh", narrow).await.tokens().access;
    app.get_as(path, &narrow).await.assert_problem(401, "invalid_token");
}
