use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;
use shared_claims::Clock;

use crate::support::{TestApp, column, send};

#[actix_web::test]
async fn a_post_is_answered_with_its_place_and_can_be_read_there() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    let created = alice.post("/api/posts", json!({"content": "  Grüße 🦀\n"})).await;
    let post = created.expect(201);
    assert_eq!((&post["author"], &post["content"]), (&json!("alice"), &json!("  Grüße 🦀\n")));
    let written_at: jiff::Timestamp = post["created_at"].as_str().unwrap().parse().unwrap();
    let age = Clock::system().now_ms() - written_at.as_millisecond();
    assert!((0..60_000).contains(&age) && post["created_at"].as_str().unwrap().ends_with('Z'), "{post}");

    let location = created.header("location").unwrap();
    assert_eq!(location, format!("/api/posts/{}", post["id"].as_str().unwrap()));
    assert_eq!(app.user("bob").get(location).await.expect(200), post);
}

#[actix_web::test]
async fn content_is_one_to_five_hundred_characters_and_not_blank() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    alice.publish("x").await;
    alice.publish(&"🦀".repeat(500)).await;
    for bad in
        [json!(""), json!(" \n"), json!("x".repeat(501)), json!("a\0b"), json!(1), json!(null), json!(["x"])]
    {
        let answer = alice.post("/api/posts", json!({ "content": bad })).await;
        assert_eq!(answer.expect_faults(), ["content"], "{bad}");
    }
    assert_eq!(alice.post("/api/posts", json!({})).await.expect_faults(), ["content"]);
    assert_eq!(column(&alice.get("/api/timeline").await.expect(200), "id").len(), 2);
}

#[actix_web::test]
async fn a_body_that_is_no_post_is_refused_for_what_it_is() {
    let app = TestApp::spawn().await;
    let post = |content_type: &'static str, body: &'static str| {
        let request = app.user("alice").request(Method::POST, "/api/posts");
        send(request.header(CONTENT_TYPE, content_type).body(body))
    };
    post("application/json", "{\"content\":").await.expect_problem(400, "invalid_json");
    post("application/json", "").await.expect_problem(400, "invalid_json");
    post("application/json", "[]").await.expect_problem(422, "invalid_input");
    post("text/plain", "{\"content\":\"x\"}").await.expect_problem(415, "unsupported_media_type");
    let large = app.user("alice").post("/api/posts", json!({"content": "x".repeat(20_000)})).await;
    large.expect_problem(413, "body_too_large");
}

#[actix_web::test]
async fn what_is_no_posts_id_is_not_found() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    let ids = ["0192f0c1-2345-7000-8000-000000000000", "1", "%00", "%F0%9F%A6%80", "..%2F", "'%20OR%201=1"];
    for id in ids {
        let path = format!("/api/posts/{id}");
        alice.get(&path).await.expect_problem(404, "post_not_found");
        alice.delete(&path).await.expect_problem(404, "post_not_found");
    }
}

#[actix_web::test]
async fn a_deleted_post_appears_nowhere_and_does_not_count() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    let [gone, kept] = [alice.publish("gone").await, alice.publish("kept").await];
    let path = format!("/api/posts/{gone}");
    alice.delete(&path).await.expect(204);

    alice.get(&path).await.expect_problem(404, "post_not_found");
    app.admin("root").get(&path).await.expect_problem(404, "post_not_found");
    alice.delete(&path).await.expect_problem(404, "post_not_found");
    for list in ["/api/timeline", "/api/users/alice/posts"] {
        assert_eq!(column(&alice.get(list).await.expect(200), "id"), [kept.as_str()], "{list}");
    }
    assert_eq!(alice.get("/api/users/alice").await.expect(200)["posts"], 1);
}

#[actix_web::test]
async fn nobody_but_the_author_and_administrators_can_delete_a_post_or_learn_that_it_is_there() {
    let app = TestApp::spawn().await;
    let path = format!("/api/posts/{}", app.user("alice").publish("mine").await);
    app.user("bob").delete(&path).await.expect_problem(404, "post_not_found");
    let role_alone = app.issuer.user("root").roles(["admin"]).sign();
    app.with_token(role_alone).delete(&path).await.expect_problem(404, "post_not_found");
    app.user("alice").get(&path).await.expect(200);

    app.admin("root").delete(&path).await.expect(204);
    app.user("alice").get(&path).await.expect_problem(404, "post_not_found");
    app.admin("root").delete(&path).await.expect_problem(404, "post_not_found");
}

#[actix_web::test]
async fn an_administrator_needs_no_scope_to_write_in_order_to_delete() {
    let app = TestApp::spawn().await;
    let path = format!("/api/posts/{}", app.user("alice").publish("mine").await);
    let moderator = app.issuer.user("root").roles(["admin"]).scope("admin").sign();
    app.with_token(moderator).delete(&path).await.expect(204);
}
