//! Which status lists there are, and for how long: as long as a token may live that names one.

use std::time::Duration;

use auth_server::{
    purge::{purge, purge_on_a_timer},
    store::statuses::{self, LIST_SIZE},
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared_claims::Clock;

use crate::{
    app::{Reply, TestApp},
    published_list::place_of,
};

/// The lifetime of an access token, the longest leeway of a verifier, and how much clocks may differ.
const REMEMBERED: u64 = 300 + 60 + 10;
const DAY: u64 = 24 * 3600;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[actix_rt::test]
async fn a_full_list_is_followed_by_the_next_and_each_has_its_own_bits() {
    let app = TestApp::spawn().await;
    app.sign_up("alice").await;
    app.set_counter(1_900_000_001 * LIST_SIZE - 2).await;
    let mut logins = Vec::new();
    for _ in 0..4 {
        logins.push(app.log_in("alice").await);
    }
    let uri = |number: i64| format!("{}/oauth/status-lists/{number}", app.url);
    let (full, next) = (uri(1_900_000_000), uri(1_900_000_001));
    let places: Vec<_> = logins.iter().map(|tokens| place_of(&tokens.access)).collect();
    let expected = [(full.clone(), 131_070), (full.clone(), 131_071), (next.clone(), 0), (next.clone(), 1)];
    assert_eq!(places, expected);

    app.log_out(&logins[1].refresh).await;
    app.log_out(&logins[2].refresh).await;
    app.assert_revoked(&[&logins[1], &logins[2]], &[&logins[0], &logins[3]]).await;
    for uri in [&full, &next] {
        assert_eq!(app.status_list(uri).await.size_and_set(), (1 << 17, 1));
    }
    assert_eq!(app.get("/oauth/status-lists").await.body, json!({"status_lists": [full, next]}));
}

#[actix_rt::test]
async fn a_revocation_is_remembered_until_the_second_in_which_no_token_is_taken_any_more() {
    let app = TestApp::spawn().await;
    let (tokens, other) = (app.user("alice").await, app.log_in("alice").await);
    app.log_out(&tokens.refresh).await;
    app.clock.advance(seconds(REMEMBERED - 1));
    let purged = purge(&app.state).await.unwrap();
    assert_eq!((purged.sessions, purged.revoked_places), (0, 0));
    app.assert_revoked(&[&tokens], &[&other]).await;

    app.clock.advance(seconds(1));
    let purged = purge(&app.state).await.unwrap();
    assert_eq!((purged.sessions, purged.revoked_places), (1, 1));
    app.assert_revoked(&[], &[&tokens, &other]).await;
    assert_eq!(app.refresh(&other.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn the_purge_comes_by_itself() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    app.log_out(&tokens.refresh).await;
    app.clock.advance(seconds(REMEMBERED));
    assert!(app.is_revoked(&tokens.access).await);
    let purging = actix_rt::spawn(purge_on_a_timer(app.state.clone(), Duration::from_millis(5)));
    let deadline = std::time::Instant::now() + seconds(10);
    while app.is_revoked(&tokens.access).await {
        assert!(std::time::Instant::now() < deadline, "it is not purged");
    }
    purging.abort();
}

#[actix_rt::test]
async fn a_list_is_published_as_long_as_a_token_may_name_it() {
    let app = TestApp::spawn().await;
    let idle = app.user("alice").await;
    let uri = place_of(&idle.access).0;
    // Later places are reserved in another list; this one is there for the session alone.
    app.set_counter(1_900_000_000 * LIST_SIZE).await;
    app.clock.advance(seconds(7 * DAY + REMEMBERED - 1));
    purge(&app.state).await.unwrap();
    assert_eq!(app.status_of(&uri).await, StatusCode::OK);
    app.clock.advance(seconds(1));
    purge(&app.state).await.unwrap();
    assert_eq!(app.status_of(&uri).await, StatusCode::NOT_FOUND);
}

#[actix_rt::test]
async fn a_list_whose_sessions_are_gone_is_published_while_a_place_in_it_is_revoked() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let uri = place_of(&tokens.access).0;
    app.set_counter(1_900_000_000 * LIST_SIZE).await;
    app.log_out(&tokens.refresh).await;
    app.forget_session(&tokens.access).await;
    assert!(app.is_revoked(&tokens.access).await);
    app.clock.advance(seconds(REMEMBERED));
    purge(&app.state).await.unwrap();
    assert_eq!(app.status_of(&uri).await, StatusCode::NOT_FOUND);
}

#[actix_rt::test]
async fn after_the_database_was_restored_every_token_from_before_is_revoked() {
    let app = TestApp::spawn().await;
    // The command line knows the system's time alone.
    app.clock.set(Clock::system().now_ms());
    let tokens = app.user("alice").await;
    let (uri, _) = place_of(&tokens.access);
    let done = app.command_line(&["db", "restored"], "").await;
    let told = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && told.starts_with("ended every session of the copy (1)"), "{told}");
    let restored_at = app.database(|c| Ok(statuses::counter(c)?.restored_at)).await.unwrap();

    app.refresh(&tokens.refresh).await.assert_problem(401, "invalid_refresh_token");
    app.get_as("/auth/user", &tokens.access).await.assert_problem(401, "invalid_token");
    assert_eq!(app.status_list(&uri).await.size_and_set(), (1 << 17, 1 << 17));
    // Places that were given out after the copy was made are in lists that the copy may never have heard of.
    let number: i64 = uri.rsplit('/').next().unwrap().parse().unwrap();
    assert!(app.status_list(&uri.replace(&number.to_string(), &(number - 1).to_string())).await.bit(131_071));

    let new = app.log_in("alice").await;
    assert!(!app.is_revoked(&new.access).await && place_of(&new.access).0 != uri);
    assert_eq!(app.get("/oauth/status-lists").await.body["status_lists"], json!([place_of(&new.access).0]));

    let ends_at = restored_at + i64::try_from(REMEMBERED).unwrap();
    app.clock.set((ends_at - 1) * 1000);
    assert_eq!(app.status_of(&uri).await, StatusCode::OK);
    app.clock.set(ends_at * 1000);
    assert_eq!(app.status_of(&uri).await, StatusCode::NOT_FOUND);
}

#[actix_rt::test]
async fn a_genuine_link_of_a_session_that_the_restored_copy_lacks_is_refused() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    app.forget_session(&tokens.access).await;
    app.refresh(&tokens.refresh).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn a_list_that_does_not_exist_is_not_found_under_any_name_nor_kept_as_such() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let uri = place_of(&tokens.access).0;
    let number = uri.rsplit('/').next().unwrap();
    let next = (number.parse::<i64>().unwrap() + 1).to_string();
    let before = (number.parse::<i64>().unwrap() - 1).to_string();
    let others = [
        format!("0{number}"),
        format!("+{number}"),
        format!("-{number}"),
        format!("{number}.0"),
        format!("%20{number}"),
        format!("{number}/"),
        format!("{number}/x"),
        "9223372036854775808".into(),
    ];
    for name in others.iter().chain([&next, &before]) {
        let path = format!("/oauth/status-lists/{name}");
        let reply = Reply::of(app.request(Method::GET, &path).header("origin", "https://any.example")).await;
        assert_eq!((reply.status, &reply.body["error"]), (StatusCode::NOT_FOUND, &json!("invalid_request")));
        assert_eq!(reply.header("access-control-allow-origin"), "*", "{name}");
        assert!(!reply.header("cache-control").contains("public"), "{name}");
    }
    let reply = Reply::of(app.request(Method::GET, &format!("/oauth/status-lists/{next}"))).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let posted = Reply::of(app.request(Method::POST, "/oauth/status-lists")).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[actix_rt::test]
async fn the_lists_in_use_are_named_to_everybody() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let reply =
        Reply::of(app.request(Method::GET, "/oauth/status-lists").header("origin", "https://any.example"));
    let reply = reply.await;
    assert_eq!(reply.body, json!({"status_lists": [place_of(&tokens.access).0]}));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "public, max-age=5");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert_eq!(reply.header("access-control-allow-credentials"), "");
    let known = app.request(Method::GET, "/oauth/status-lists").header("if-none-match", reply.header("etag"));
    assert_eq!(Reply::of(known).await.status, StatusCode::NOT_MODIFIED);
    let metadata = app.get("/.well-known/oauth-authorization-server").await.body;
    assert_eq!(metadata["status_list_aggregation_endpoint"], format!("{}/oauth/status-lists", app.url));
}
