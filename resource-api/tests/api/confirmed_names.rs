//! A name is its holder's for five minutes after auth-server has said so; then it is asked again.

use std::time::Duration;

use shared_claims::Clock;

use crate::{
    fake_auth::{FakeAuth, Fault},
    support::{Caller, TestApp, column},
};

struct Scene {
    auth: FakeAuth,
    clock: Clock,
    app: TestApp,
}

impl Scene {
    /// Bob has signed up, and alice follows him.
    async fn with_bob_followed() -> Self {
        let clock = Clock::fixed_at(Clock::system().now_ms());
        let auth = FakeAuth::start();
        let app = auth.client(clock.clone()).await;
        auth.sign_up("bob", "01-old");
        let scene = Self { auth, clock, app };
        scene.follow(204).await;
        assert_eq!(scene.auth.lookups(), 1);
        scene
    }

    fn alice(&self) -> Caller<'_> {
        self.app.user("alice")
    }

    /// Somebody called bob, with a token that was issued so many seconds ago.
    fn bob(&self, sub: &str, seconds_ago: i64) -> Caller<'_> {
        let issued_at = self.clock.now_secs() - seconds_ago;
        self.app.with_token(self.app.issuer.user("bob").claim("sub", sub).claim("iat", issued_at).sign())
    }

    async fn follow(&self, status: u16) {
        self.alice().put("/api/users/bob/follow").await.expect(status);
    }

    async fn followed_by_alice(&self) -> Vec<String> {
        column(&self.alice().get("/api/users/alice/following").await.expect(200), "username")
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

#[actix_web::test]
async fn a_name_is_not_asked_for_again_within_five_minutes() {
    let scene = Scene::with_bob_followed().await;
    scene.pass(299);
    scene.follow(204).await;
    assert_eq!(scene.auth.lookups(), 1);
    scene.pass(1);
    scene.follow(204).await;
    assert_eq!(scene.auth.lookups(), 2);
    // It was confirmed then.
    scene.pass(299);
    scene.follow(204).await;
    assert_eq!(scene.auth.lookups(), 2);
    assert_eq!(scene.followed_by_alice().await, ["bob"]);
}

#[actix_web::test]
async fn a_users_own_token_confirms_his_name_as_of_its_issue() {
    let scene = Scene::with_bob_followed().await;
    scene.pass(400);
    scene.bob("01-old", 100).show_up().await;
    scene.follow(204).await;
    scene.pass(199);
    scene.follow(204).await;
    assert_eq!(scene.auth.lookups(), 1);
    scene.pass(1);
    scene.follow(204).await;
    assert_eq!(scene.auth.lookups(), 2);
}

#[actix_web::test]
async fn a_name_that_was_taken_again_goes_to_the_new_account_and_its_followers_stay_behind() {
    let scene = Scene::with_bob_followed().await;
    scene.bob("01-old", 0).publish("old").await;
    scene.pass(300);
    scene.auth.sign_up("Bob", "02-new");
    scene.follow(204).await;
    assert_eq!(scene.followed_by_alice().await, ["Bob", "[deleted]"]);
    let profile = scene.alice().get("/api/users/bob").await.expect(200);
    assert_eq!((&profile["posts"], &profile["followers"]), (&0.into(), &1.into()));
    let timeline = scene.alice().get("/api/timeline").await.expect(200);
    assert_eq!(column(&timeline, "author"), ["[deleted]"]);
    // A late token of the old account does not take it back.
    scene.bob("01-old", 10).show_up().await;
    assert_eq!(scene.followed_by_alice().await, ["Bob", "[deleted]"]);
}

#[actix_web::test]
async fn a_name_that_nobody_has_any_more_is_released() {
    let scene = Scene::with_bob_followed().await;
    scene.auth.delete("bob");
    scene.follow(204).await;
    scene.pass(300);
    scene.follow(404).await;
    assert_eq!(scene.followed_by_alice().await, ["[deleted]"]);
    scene.alice().get("/api/users/bob").await.expect_problem(404, "user_not_found");
    // What was issued before that does not bring it back; what comes later does.
    scene.bob("01-old", 10).show_up().await;
    assert_eq!(scene.followed_by_alice().await, ["[deleted]"]);
    scene.pass(20);
    scene.bob("01-old", 0).show_up().await;
    assert_eq!(scene.followed_by_alice().await, ["bob"]);
}

#[actix_web::test]
async fn a_user_who_is_known_can_be_followed_while_auth_server_is_away() {
    let scene = Scene::with_bob_followed().await;
    scene.pass(86_400);
    for fault in [Fault::Status(503), Fault::Status(403), Fault::Body("<html>".to_owned())] {
        scene.auth.fail_with(Some(fault));
        scene.alice().delete("/api/users/bob/follow").await.expect(204);
        scene.follow(204).await;
        assert_eq!(scene.followed_by_alice().await, ["bob"]);
        scene.alice().put("/api/users/carol/follow").await.expect_problem(503, "directory_unavailable");
    }
}

/// auth-server's answer is as old as the question, and a token that was issued later knows better.
#[actix_web::test]
async fn what_is_seen_while_auth_server_is_asked_counts_for_more_than_its_answer() {
    let scene = Scene::with_bob_followed().await;
    scene.pass(300);
    scene.auth.delete("bob");
    scene.auth.fail_with(Some(Fault::SlowlyAfter(Duration::from_millis(500))));
    let meanwhile = async {
        scene.auth.wait_for_lookups(2).await;
        scene.bob("02-new", -1).publish("new").await;
    };
    futures_util::future::join(scene.follow(204), meanwhile).await;
    assert_eq!(scene.followed_by_alice().await, ["bob", "[deleted]"]);
    let posts = scene.alice().get("/api/users/bob/posts").await.expect(200);
    assert_eq!(column(&posts, "content"), ["new"]);
}

#[actix_web::test]
async fn a_token_issued_after_the_question_keeps_the_name_that_the_answer_says_is_free() {
    let scene = Scene::with_bob_followed().await;
    scene.pass(300);
    scene.auth.delete("bob");
    scene.auth.fail_with(Some(Fault::SlowlyAfter(Duration::from_millis(500))));
    let meanwhile = async {
        scene.auth.wait_for_lookups(2).await;
        scene.bob("01-old", -1).show_up().await;
    };
    futures_util::future::join(scene.follow(204), meanwhile).await;
    assert_eq!(scene.followed_by_alice().await, ["bob"]);
}
