use reqwest::StatusCode;
use serde_json::json;

use crate::app::{PASSWORD, TestApp};

#[actix_rt::test]
async fn signup_makes_a_user_with_the_role_user() {
    let app = TestApp::spawn().await;
    let body = json!({"username": "Alice", "password": PASSWORD, "email": "alice@example.org"});
    let reply = app.post("/auth/signup", body).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    assert_eq!(reply.header("location"), format!("{}/auth/user", app.url));
    let id = reply.text("id");
    let expected = json!({
        "id": id, "username": "Alice", "email": "alice@example.org", "roles": ["user"], "is_active": true,
        "created_at": "2027-01-15T08:00:00Z",
    });
    assert_eq!(reply.body, expected);
}

#[actix_rt::test]
async fn names_are_unique_without_regard_to_case() {
    let app = TestApp::spawn().await;
    assert_eq!(app.sign_up("Alice").await.status, StatusCode::CREATED);
    app.sign_up("alice").await.assert_problem(409, "username_taken");
}

#[actix_rt::test]
async fn of_parallel_signups_of_one_name_one_succeeds() {
    let app = TestApp::spawn().await;
    let beside = app.spawn_beside().await;
    let attempts = (0..16).map(|n| if n % 2 == 0 { app.sign_up("alice") } else { beside.sign_up("alice") });
    let replies = futures_util::future::join_all(attempts).await;
    let made = replies.iter().filter(|reply| reply.status == StatusCode::CREATED).count();
    let taken = replies.iter().filter(|reply| reply.status == StatusCode::CONFLICT).count();
    assert_eq!((made, taken), (1, 15));
}

#[actix_rt::test]
async fn every_fault_of_the_input_is_named_at_once() {
    let app = TestApp::spawn().await;
    let reply = app.post("/auth/signup", json!({"username": "a", "password": "x", "email": "nowhere"})).await;
    assert_eq!(reply.faulty_fields(), ["username", "password", "email"]);
}

#[actix_rt::test]
async fn passwords_that_are_short_long_or_easy_are_refused() {
    let app = TestApp::spawn().await;
    let long = format!("{PASSWORD}{}", "x".repeat(80));
    for password in ["short", "password123", "wilhelmina9", "nul\0nul\0nul", &long] {
        let reply = app.post("/auth/signup", json!({"username": "wilhelmina9", "password": password})).await;
        assert_eq!(reply.faulty_fields(), ["password"], "{password:?}");
        assert!(!reply.body.to_string().contains(password), "the password came back");
    }
    let just_fits = "many unrelated words, seventy-two bytes of them, are what fits in here..";
    assert_eq!(just_fits.len(), 72);
    let reply = app.post("/auth/signup", json!({"username": "wilhelmina", "password": just_fits})).await;
    assert_eq!(reply.status, StatusCode::CREATED);
}

#[actix_rt::test]
async fn signup_can_be_switched_off() {
    let app = TestApp::spawn_with(&[("AUTH__SIGNUP", "off")]).await;
    app.sign_up("alice").await.assert_problem(403, "signup_off");
}
