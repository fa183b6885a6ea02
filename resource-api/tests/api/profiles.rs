use serde_json::json;

use crate::support::{TestApp, column};

#[actix_web::test]
async fn a_profile_counts_and_tells_whether_the_caller_follows() {
    let app = TestApp::spawn().await;
    let [alice, bob] = ["alice", "bob"].map(|name| app.user(name));
    bob.publish("one").await;
    bob.publish("two").await;
    alice.follow("bob").await;
    app.user("carol").follow("bob").await;
    bob.follow("carol").await;

    let expected = |followed_by_me: bool| json!({"username": "bob", "posts": 2, "followers": 2, "following": 1, "followed_by_me": followed_by_me});
    assert_eq!(alice.get("/api/users/bob").await.expect(200), expected(true));
    assert_eq!(alice.get("/api/users/BOB").await.expect(200), expected(true));
    assert_eq!(bob.get("/api/users/bob").await.expect(200), expected(false));
}

#[actix_web::test]
async fn whoever_calls_has_a_profile() {
    let app = TestApp::spawn().await;
    let profile = app.user("alice").get("/api/users/alice").await.expect(200);
    let nothing_yet =
        json!({"username": "alice", "posts": 0, "followers": 0, "following": 0, "followed_by_me": false});
    assert_eq!(profile, nothing_yet);
}

#[actix_web::test]
async fn a_stranger_is_not_found() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    for path in
        ["/api/users/nobody", "/api/users/nobody/posts", "/api/users/%00", "/api/users/al%C4%B1ce/posts"]
    {
        alice.get(path).await.expect_problem(404, "user_not_found");
    }
}

#[actix_web::test]
async fn a_users_posts_are_his_alone_newest_first() {
    let app = TestApp::spawn().await;
    let [alice, bob] = ["alice", "bob"].map(|name| app.user(name));
    bob.publish("b1").await;
    alice.publish("a1").await;
    bob.publish("b2").await;
    bob.follow("alice").await;
    let posts = alice.get("/api/users/Bob/posts").await.expect(200);
    assert_eq!(column(&posts, "content"), ["b2", "b1"]);
}
