//! Following users who have never called: auth-server is asked who they are.

use std::time::{Duration, Instant};

use shared_claims::Clock;

use crate::{
    fake_auth::{FakeAuth, Fault},
    support::{Answer, Caller, column},
};

async fn follow(caller: &Caller<'_>, username: &str) -> Answer {
    caller.put(&format!("/api/users/{username}/follow")).await
}

#[track_caller]
fn expect_come_back(answer: &Answer) {
    answer.expect_problem(503, "directory_unavailable");
    let retry_after = answer.header("retry-after").unwrap().parse::<u32>().unwrap();
    assert!((1..=60).contains(&retry_after), "{retry_after}");
}

#[actix_web::test]
async fn a_user_who_has_never_called_is_found_and_followed() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    auth.sign_up("Bob", "id-of-Bob");
    let alice = app.user("alice");
    follow(&alice, "bOB").await.expect(204);
    assert_eq!(column(&alice.get("/api/users/alice/following").await.expect(200), "username"), ["Bob"]);
    assert_eq!(alice.get("/api/users/bob").await.expect(200)["followed_by_me"], true);

    assert_eq!(auth.last_lookup(), ("Bearer token-1".to_owned(), "username=bOB".to_owned()));
    let asked = "grant_type=client_credentials&scope=users%3Aread&audience=https%3A%2F%2Fauth.test";
    assert_eq!(auth.token_requests(), [asked]);

    // When he calls, he is the same.
    app.user("Bob").publish("I am here").await;
    let timeline = alice.get("/api/timeline").await.expect(200);
    assert_eq!(column(&timeline, "content"), ["I am here"]);
}

#[actix_web::test]
async fn one_token_serves_many_questions() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    let alice = app.user("alice");
    for n in 0..20 {
        auth.sign_up(&format!("user{n}"), &format!("id{n}"));
        follow(&alice, &format!("user{n}")).await.expect(204);
    }
    assert_eq!((auth.lookups(), auth.token_requests().len()), (20, 1));
}

#[actix_web::test]
async fn a_name_that_nobody_has_is_not_found() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    let alice = app.user("alice");
    follow(&alice, "nobody").await.expect_problem(404, "user_not_found");
    auth.sign_up("nobody", "id-of-nobody");
    follow(&alice, "nobody").await.expect(204);
}

#[actix_web::test]
async fn what_cannot_be_a_name_and_ones_own_name_are_not_asked_for() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    let alice = app.user("alice");
    let long = "x".repeat(33);
    for name in ["ab", long.as_str(), "%00%00%00", "a%26b%3Dc", "%5Bdeleted%5D", "b%C3%B6b"] {
        follow(&alice, name).await.expect_problem(404, "user_not_found");
    }
    follow(&alice, "ALICE").await.expect_problem(422, "cannot_follow_self");
    // Nor when it was confirmed too long ago to be sure of anybody else's.
    let issued_at = Clock::system().now_secs() - 1_000;
    let carol = app.with_token(app.issuer.user("carol").claim("iat", issued_at).sign());
    follow(&carol, "carol").await.expect_problem(422, "cannot_follow_self");
    assert_eq!(auth.lookups(), 0);
}

#[actix_web::test]
async fn unfollowing_and_reading_ask_nobody() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    auth.sign_up("bob", "id-of-bob");
    let alice = app.user("alice");
    alice.delete("/api/users/bob/follow").await.expect_problem(404, "user_not_found");
    follow(&alice, "bob").await.expect(204);
    auth.fail_with(Some(Fault::Hang));
    alice.delete("/api/users/bob/follow").await.expect(204);
    for path in ["/api/users/bob", "/api/users/bob/posts", "/api/users/bob/followers"] {
        alice.get(path).await.expect(200);
    }
    assert_eq!(auth.lookups(), 1);
}

#[actix_web::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    auth.sign_up("bob", "id-of-bob");
    auth.fail_with(Some(Fault::Unauthorized(1)));
    follow(&app.user("alice"), "bob").await.expect(204);
    assert_eq!(auth.last_lookup().0, "Bearer token-2");

    auth.fail_with(Some(Fault::Unauthorized(100)));
    expect_come_back(&follow(&app.user("alice"), "carol").await);
    assert_eq!((auth.lookups(), auth.token_requests().len()), (4, 3));
}

#[actix_web::test]
async fn an_answer_that_is_none_is_come_back_later_and_leaves_no_trace() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    let alice = app.user("alice");
    let users = |users: &str| Fault::Body(format!("{{\"users\":[{users}]}}"));
    for fault in [
        Fault::Status(403),
        Fault::Status(404),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Body("<html>".to_owned()),
        Fault::Body("{}".to_owned()),
        Fault::Body(format!("{{\"users\":[]}}{}", " ".repeat(1_000_000))),
        users(r#"{"id":"x","username":"mallory"}"#),
        users(r#"{"id":"","username":"bob"}"#),
        users(r#"{"username":"bob"}"#),
        users(r#"{"id":"x","username":"bob"},{"id":"y","username":"bob"}"#),
    ] {
        auth.fail_with(Some(fault));
        expect_come_back(&follow(&alice, "bob").await);
    }
    for name in ["bob", "mallory"] {
        alice.get(&format!("/api/users/{name}")).await.expect_problem(404, "user_not_found");
    }
    auth.fail_with(None);
    auth.sign_up("bob", "id-of-bob");
    follow(&alice, "bob").await.expect(204);
}

#[actix_web::test]
async fn a_redirect_is_not_followed() {
    let (auth, elsewhere) = (FakeAuth::start(), FakeAuth::start());
    let app = auth.client(Clock::system()).await;
    elsewhere.sign_up("bob", "id-of-bob");
    auth.fail_with(Some(Fault::Redirect(format!("{}/users?username=bob", elsewhere.url))));
    expect_come_back(&follow(&app.user("alice"), "bob").await);
    assert_eq!((auth.lookups(), elsewhere.lookups()), (1, 0));
}

/// The pool has a single connection.
#[actix_web::test]
async fn no_database_connection_is_held_while_auth_server_is_asked_for_five_seconds_at_most() {
    let auth = FakeAuth::start();
    let app = auth.client(Clock::system()).await;
    let alice = app.user("alice");
    auth.fail_with(Some(Fault::Hang));
    let begin = Instant::now();
    let asking = follow(&alice, "bob");
    let others = async {
        auth.wait_for_lookups(1).await;
        let begin = Instant::now();
        for _ in 0..10 {
            alice.publish("meanwhile").await;
        }
        begin.elapsed()
    };
    let (answer, others_took) = futures_util::future::join(asking, others).await;
    expect_come_back(&answer);
    assert!(others_took < Duration::from_secs(2), "{others_took:?}");
    assert!(begin.elapsed() < Duration::from_secs(7), "{:?}", begin.elapsed());
}

#[actix_web::test]
async fn without_a_client_only_users_who_have_called_can_be_followed() {
    let app = crate::support::TestApp::spawn().await;
    follow(&app.user("alice"), "bob").await.expect_problem(404, "user_not_found");
    app.user("bob").show_up().await;
    follow(&app.user("alice"), "bob").await.expect(204);
}
