//! Names pass from account to account; nothing else does.

use serde_json::json;
use shared_claims::Clock;

use crate::support::{Caller, TestApp, column};

/// Somebody of that name whose token was issued so many seconds ago.
fn caller<'a>(app: &'a TestApp, username: &str, sub: &str, seconds_ago: i64) -> Caller<'a> {
    let issued_at = Clock::system().now_secs() - seconds_ago;
    app.with_token(app.issuer.user(username).claim("sub", sub).claim("iat", issued_at).sign())
}

#[actix_web::test]
async fn a_new_account_inherits_nothing_with_a_name() {
    let app = TestApp::spawn().await;
    let old = caller(&app, "alice", "old", 100);
    let post = old.publish("from the old one").await;
    app.user("bob").show_up().await;
    app.user("bob").follow("alice").await;
    old.follow("bob").await;

    let new = caller(&app, "Alice", "new", 50);
    new.show_up().await;
    let profile = new.get("/api/users/alice").await.expect(200);
    let expected =
        json!({"username": "Alice", "posts": 0, "followers": 0, "following": 0, "followed_by_me": false});
    assert_eq!(profile, expected);
    assert_eq!(column(&new.get("/api/timeline").await.expect(200), "id"), [] as [&str; 0]);
    new.delete(&format!("/api/posts/{post}")).await.expect_problem(404, "post_not_found");

    let read = app.user("bob").get(&format!("/api/posts/{post}")).await.expect(200);
    assert_eq!((&read["author"], &read["content"]), (&json!("[deleted]"), &json!("from the old one")));
    let timeline = app.user("bob").get("/api/timeline").await.expect(200);
    assert_eq!(column(&timeline, "author"), ["[deleted]"]);
    for list in ["followers", "following"] {
        let path = format!("/api/users/bob/{list}");
        assert_eq!(column(&app.user("bob").get(&path).await.expect(200), "username"), ["[deleted]"]);
    }
    app.user("bob").get("/api/users/[deleted]").await.expect_problem(404, "user_not_found");
}

#[actix_web::test]
async fn a_late_token_of_the_old_account_cannot_take_the_name_back() {
    let app = TestApp::spawn().await;
    caller(&app, "alice", "old", 100).publish("old").await;
    caller(&app, "alice", "new", 50).publish("new").await;
    let late = caller(&app, "alice", "old", 60);
    late.publish("late").await;
    for _ in 0..2 {
        late.show_up().await;
        let posts = app.user("bob").get("/api/users/alice/posts").await.expect(200);
        assert_eq!(column(&posts, "content"), ["new"]);
    }
    assert_eq!(column(&late.get("/api/timeline").await.expect(200), "author"), ["[deleted]", "[deleted]"]);
}

#[actix_web::test]
async fn an_old_account_that_is_seen_late_does_not_get_the_name_at_all() {
    let app = TestApp::spawn().await;
    caller(&app, "alice", "new", 50).publish("new").await;
    let post =
        caller(&app, "alice", "old", 60).post("/api/posts", json!({"content": "late"})).await.expect(201);
    assert_eq!(post["author"], "[deleted]");
    let posts = app.user("bob").get("/api/users/alice/posts").await.expect(200);
    assert_eq!(column(&posts, "content"), ["new"]);
}

#[actix_web::test]
async fn users_whom_no_database_could_keep_are_told_so() {
    let app = TestApp::spawn().await;
    let user = |sub: &str, username: &str| {
        app.with_token(app.issuer.user(username).claim("sub", sub).claim("username", username).sign())
    };
    let (long_sub, long_name) = ("s".repeat(65), "n".repeat(33));
    for (sub, username) in [
        (long_sub.as_str(), "alice"),
        ("s\0", "alice"),
        ("s ", "alice"),
        ("ß", "alice"),
        ("s", long_name.as_str()),
        ("s", "a\0b"),
    ] {
        let caller = user(sub, username);
        for path in ["/api/timeline", "/api/users/bob", "/api/users/bob/posts", "/api/users/bob/followers"] {
            caller.get(path).await.expect_problem(403, "user_not_supported");
        }
        caller.post("/api/posts", json!({"content": "x"})).await.expect_problem(403, "user_not_supported");
        caller.put("/api/users/bob/follow").await.expect_problem(403, "user_not_supported");
        caller.delete("/api/users/bob/follow").await.expect_problem(403, "user_not_supported");
        // What keeps nothing of the caller serves him.
        caller.get("/api/protected").await.expect(200);
    }
    let longest = user(&"s".repeat(64), &"ä".repeat(32));
    longest.publish("x").await;
    longest.show_up().await;
}

#[actix_web::test]
async fn within_one_second_the_younger_account_has_the_name_for_good() {
    let app = TestApp::spawn().await;
    let issued_at = Clock::system().now_secs();
    let same_second =
        |sub: &str| app.with_token(app.issuer.user("alice").claim("sub", sub).claim("iat", issued_at).sign());
    same_second("01a").publish("older").await;
    same_second("01b").publish("younger").await;
    same_second("01a").show_up().await;
    let posts = app.user("bob").get("/api/users/alice/posts").await.expect(200);
    assert_eq!(column(&posts, "content"), ["younger"]);
}

#[actix_web::test]
async fn a_renamed_account_keeps_what_it_has() {
    let app = TestApp::spawn().await;
    caller(&app, "alice", "one", 100).publish("hello").await;
    caller(&app, "alicia", "one", 50).show_up().await;
    // A token from before the renaming still works, and does not rename back.
    caller(&app, "alice", "one", 60).show_up().await;
    let posts = app.user("bob").get("/api/users/alicia/posts").await.expect(200);
    assert_eq!(column(&posts, "author"), ["alicia"]);
    app.user("bob").get("/api/users/alice").await.expect_problem(404, "user_not_found");
}

#[actix_web::test]
async fn parallel_first_requests_of_one_user_all_succeed() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    let requests = (0..16).map(|n| alice.get(if n % 2 == 0 { "/api/timeline" } else { "/api/users/alice" }));
    for answer in futures_util::future::join_all(requests).await {
        answer.expect(200);
    }
}

#[actix_web::test]
async fn parallel_first_requests_of_many_accounts_with_one_name_all_succeed() {
    let app = TestApp::spawn().await;
    for round in 0..12 {
        let callers: Vec<_> =
            (0..8).map(|n| caller(&app, "alice", &format!("{round}-{n}"), 200 - round * 10 - n)).collect();
        let requests = callers.iter().flat_map(|caller| [caller, caller, caller]);
        let answers =
            futures_util::future::join_all(requests.map(|caller| caller.get("/api/timeline"))).await;
        for answer in answers {
            answer.expect(200);
        }
        // The newest token's account has the name.
        let owner = callers.last().unwrap().publish("mine").await;
        let read = callers[0].get(&format!("/api/posts/{owner}")).await.expect(200);
        assert_eq!(read["author"], "alice");
    }
}
