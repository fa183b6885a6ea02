use diesel::connection::SimpleConnection;
use resource_api::follows::MOST_FOLLOWED;
use shared_claims::testing::TestIssuer;
use shared_service::database::connect;

use crate::support::{TestApp, column, read_all};

#[actix_web::test]
async fn following_and_unfollowing_can_be_repeated_without_effect() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    app.user("bob").show_up().await;
    for _ in 0..2 {
        alice.put("/api/users/bob/follow").await.expect(204);
        assert_eq!(alice.get("/api/users/bob").await.expect(200)["followers"], 1);
    }
    for _ in 0..2 {
        alice.delete("/api/users/bob/follow").await.expect(204);
        assert_eq!(alice.get("/api/users/bob").await.expect(200)["followers"], 0);
    }
}

#[actix_web::test]
async fn parallel_follows_of_one_user_by_another_make_one() {
    let app = TestApp::spawn().await;
    app.user("bob").show_up().await;
    let alice = app.user("alice");
    let follows = (0..8).map(|_| alice.put("/api/users/bob/follow"));
    for answer in futures_util::future::join_all(follows).await {
        answer.expect(204);
    }
    assert_eq!(column(&alice.get("/api/users/bob/followers").await.expect(200), "username"), ["alice"]);
}

#[actix_web::test]
async fn nobody_follows_himself_or_a_stranger() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    alice.put("/api/users/ALICE/follow").await.expect_problem(422, "cannot_follow_self");
    alice.delete("/api/users/alice/follow").await.expect_problem(422, "cannot_follow_self");
    for name in ["nobody", "%00", "%F0%9F%A6%80", "[deleted]"] {
        let path = format!("/api/users/{name}/follow");
        alice.put(&path).await.expect_problem(404, "user_not_found");
        alice.delete(&path).await.expect_problem(404, "user_not_found");
    }
}

#[actix_web::test]
async fn names_are_found_without_regard_to_case() {
    let app = TestApp::spawn().await;
    app.user("Bob").show_up().await;
    let alice = app.user("alice");
    alice.follow("bOB").await;
    assert_eq!(column(&alice.get("/api/users/alice/following").await.expect(200), "username"), ["Bob"]);
    alice.delete("/api/users/BOB/follow").await.expect(204);
    assert_eq!(alice.get("/api/users/bob").await.expect(200)["username"], "Bob");
}

#[actix_web::test]
async fn lists_run_newest_first_and_page_without_loss() {
    let app = TestApp::spawn().await;
    let names: Vec<String> = (0..7).map(|n| format!("user{n}")).collect();
    app.user("star").show_up().await;
    let fan = app.user("fan");
    for name in &names {
        app.user(name).follow("star").await;
        fan.follow(name).await;
    }
    let newest_first: Vec<String> = names.into_iter().rev().collect();
    for limit in [1, 3, 7, 100] {
        assert_eq!(read_all(&fan, "/api/users/star/followers", limit, "username").await, newest_first);
        assert_eq!(read_all(&fan, "/api/users/fan/following", limit, "username").await, newest_first);
    }
    for list in ["followers", "following"] {
        let path = format!("/api/users/nobody/{list}");
        fan.get(&path).await.expect_problem(404, "user_not_found");
    }
}

#[actix_web::test]
async fn nobody_follows_more_users_than_a_timeline_can_look_at() {
    let app = TestApp::spawn().await;
    let fan = app.user("fan");
    for name in ["fan", "star", "last"] {
        app.user(name).show_up().await;
    }
    let followed = 0..MOST_FOLLOWED - 1;
    let accounts: Vec<_> = followed.clone().map(|n| format!("('sub-{n}', NULL, NULL, 1, 0)")).collect();
    let follower = TestIssuer::user_id("fan");
    let follows = followed.map(|n| {
        let id = uuid::Uuid::from_u128(u128::try_from(n).unwrap());
        format!("('{id}', '{follower}', 'sub-{n}', 0)")
    });
    let follows: Vec<_> = follows.collect();
    let fill = [
        ("accounts (sub, username, username_key, named_at, confirmed_at)", accounts),
        ("follows (id, follower_sub, followee_sub, created_at)", follows),
    ];
    let mut connection = connect(&app.database.parsed()).unwrap();
    for (table, rows) in fill {
        connection.batch_execute(&format!("INSERT INTO {table} VALUES {}", rows.join(","))).unwrap();
    }
    fan.follow("star").await;
    fan.put("/api/users/last/follow").await.expect_problem(422, "too_many_followed");
    // Who is followed already can be followed again, and there is room once somebody is not.
    fan.follow("star").await;
    fan.delete("/api/users/star/follow").await.expect(204);
    fan.follow("last").await;
}
