use std::{
    pin::pin,
    sync::{Arc, Barrier},
    time::Duration,
};

use auth_server::{
    accounts::advance,
    error::ApiError,
    sessions::{Refreshed, Refusal},
    tokens::Narrowing,
};
use futures_util::FutureExt;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared_service::{database::DbConnection, request::RequestOrigin};

use crate::app::{GRACE, Reply, TestApp};

const DAY: u64 = 24 * 3600;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[actix_rt::test]
async fn a_refresh_gives_the_next_link_and_a_fresh_access_token() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let before = app.verify(&first.access, "resource-api").await;
    app.clock.advance(seconds(60));
    let reply = app.refresh(&first.refresh).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let second = reply.tokens();
    assert_ne!(first.refresh, second.refresh);
    let after = app.verify(&second.access, "resource-api").await;
    assert_eq!((after.sid, after.auth_time, after.iat), (before.sid, before.auth_time, before.iat + 60));
    assert_ne!(after.jti, before.jti);
}

#[actix_rt::test]
async fn sixteen_parallel_refreshes_of_one_link_give_one_successor() {
    let app = TestApp::spawn().await;
    let beside = app.spawn_beside().await;
    let first = app.user("alice").await;
    let attempts = (0..16)
        .map(|n| if n % 2 == 0 { app.refresh(&first.refresh) } else { beside.refresh(&first.refresh) });
    let links: Vec<String> =
        futures_util::future::join_all(attempts).await.iter().map(|reply| reply.tokens().refresh).collect();
    assert!(links.iter().all(|link| *link == links[0] && *link != first.refresh), "{links:?}");
    assert_eq!(app.session(&first.access).await.generation, 1);
}

#[actix_rt::test]
async fn within_the_grace_old_and_new_link_both_get_the_newest() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let second = app.refresh(&first.refresh).await.tokens();
    app.clock.advance(seconds(GRACE - 1));
    assert_eq!(app.refresh(&first.refresh).await.tokens().refresh, second.refresh);
    assert_eq!(app.refresh(&second.refresh).await.tokens().refresh, second.refresh);
    assert_eq!(app.session(&first.access).await.generation, 1);
}

/// Shows a link while every connection is in use, and gives one back when the clock has moved.
async fn refreshed_late(app: &TestApp, link: &str, by: Duration) -> Result<Refreshed, Refusal> {
    let connections = app.state.config.database.pool_size;
    let all_here = Arc::new(Barrier::new(usize::try_from(connections).unwrap() + 1));
    let (holds, mut is_held) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..connections {
        let (store, holds, all_here) = (app.state.store.clone(), holds.clone(), all_here.clone());
        actix_rt::spawn(async move {
            let hold = move |_: &mut DbConnection| {
                holds.send(()).unwrap();
                all_here.wait();
                Ok::<_, ApiError>(())
            };
            store.run(hold).await.unwrap();
        });
    }
    for _ in 0..connections {
        is_held.recv().await.unwrap();
    }
    let (everything, origin) = (Narrowing::to_audience(None), RequestOrigin::default());
    let mut refreshing = pin!(advance(&app.state, link, &everything, origin));
    assert!(refreshing.as_mut().now_or_never().is_none());
    app.clock.advance(by);
    all_here.wait();
    refreshing.await.unwrap()
}

#[actix_rt::test]
async fn however_long_the_database_takes_a_link_is_judged_by_when_it_was_shown() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    // The grace of whom this answer does not reach begins now, and not when he asked.
    assert!(refreshed_late(&app, &first.refresh, seconds(GRACE + 1)).await.is_ok());
    assert!(app.refresh(&first.refresh).await.status.is_success());
    app.clock.advance(seconds(GRACE - 1));
    assert!(refreshed_late(&app, &first.refresh, seconds(GRACE)).await.is_ok());
    assert_eq!(app.session(&first.access).await.generation, 1);
    app.refresh(&first.refresh).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn a_replayed_refresh_token_ends_the_session() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let second = app.refresh(&first.refresh).await.tokens();
    app.clock.advance(seconds(GRACE));
    app.refresh(&first.refresh).await.assert_problem(401, "invalid_refresh_token");
    app.refresh(&second.refresh).await.assert_problem(401, "invalid_refresh_token");
    app.get_as("/auth/user", &second.access).await.assert_problem(401, "invalid_token");
}

#[actix_rt::test]
async fn a_link_two_generations_old_is_a_replay_even_within_the_grace() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let second = app.refresh(&first.refresh).await.tokens();
    app.clock.advance(seconds(GRACE));
    let third = app.refresh(&second.refresh).await.tokens();
    assert_ne!(second.refresh, third.refresh);
    app.refresh(&first.refresh).await.assert_problem(401, "invalid_refresh_token");
    app.refresh(&third.refresh).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn a_forged_link_is_refused_and_ends_nobodys_session() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let mut mangled = tokens.refresh.clone().into_bytes();
    let last = mangled.len() - 2;
    mangled[last] = if mangled[last] == b'x' { b'y' } else { b'x' };
    let (mangled, long) = (String::from_utf8(mangled).unwrap(), "A".repeat(4000));
    for forged in [mangled.as_str(), "", "x", long.as_str(), tokens.access.as_str()] {
        app.refresh(forged).await.assert_problem(401, "invalid_refresh_token");
    }
    assert_eq!(app.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_forged_replay_ends_nobodys_session() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let second = app.refresh(&first.refresh).await.tokens();
    app.clock.advance(seconds(GRACE));
    let third = app.refresh(&second.refresh).await.tokens();
    // The first link's place in the chain under the third one's MAC, and the reverse. The MAC begins in character 44.
    for (place, mac) in [(&first, &third), (&third, &first), (&second, &first)] {
        let forged = format!("{}{}", &place.refresh[..44], &mac.refresh[44..]);
        app.refresh(&forged).await.assert_problem(401, "invalid_refresh_token");
    }
    assert_eq!(app.refresh(&third.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn asking_for_too_much_does_not_spend_the_link() {
    let app = TestApp::spawn_with(&[("AUTH__SESSIONS__REFRESH_GRACE", "0s")]).await;
    let tokens = app.user("alice").await;
    let body = json!({"refresh_token": tokens.refresh, "audience": "elsewhere"});
    assert_eq!(app.post("/auth/refresh", body).await.faulty_fields(), ["audience"]);
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "first-party"),
        ("refresh_token", &tokens.refresh),
        ("scope", "admin"),
    ];
    let refused = Reply::of(app.request(Method::POST, "/oauth/token").form(&form)).await;
    assert_eq!(refused.body["error"], "invalid_scope");
    assert_eq!(app.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_new_password_from_the_command_line_ends_every_session() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let elsewhere = app.log_in("alice").await;
    let set =
        app.command_line(&["users", "set-password", "alice", "--password-stdin"], "another good phrase");
    assert!(set.await.status.success());
    for link in [&tokens.refresh, &elsewhere.refresh] {
        app.refresh(link).await.assert_problem(401, "invalid_refresh_token");
    }
    app.get_as("/auth/user", &tokens.access).await.assert_problem(401, "invalid_token");
}

#[actix_rt::test]
async fn another_servers_link_is_refused() {
    let app = TestApp::spawn().await;
    let elsewhere = TestApp::spawn().await;
    let tokens = elsewhere.user("alice").await;
    app.refresh(&tokens.refresh).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn without_a_grace_a_link_works_once() {
    let app = TestApp::spawn_with(&[("AUTH__SESSIONS__REFRESH_GRACE", "0s")]).await;
    let first = app.user("alice").await;
    let second = app.refresh(&first.refresh).await.tokens();
    assert_ne!(app.refresh(&second.refresh).await.tokens().refresh, second.refresh);
    app.refresh(&first.refresh).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn a_clock_that_is_set_back_makes_no_replay() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let second = app.refresh(&first.refresh).await.tokens();
    app.clock.set(app.clock.now_ms() - 3_600_000);
    assert_eq!(app.refresh(&first.refresh).await.tokens().refresh, second.refresh);
}

#[actix_rt::test]
async fn the_idle_cap_ends_a_session_that_is_not_refreshed() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    app.clock.advance(seconds(7 * DAY - 1));
    let second = app.refresh(&first.refresh).await;
    assert_eq!(second.body["refresh_expires_in"], 7 * DAY);
    app.clock.advance(seconds(7 * DAY));
    app.refresh(&second.tokens().refresh).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn the_absolute_cap_is_never_extended_and_no_access_token_outlives_it() {
    let app = TestApp::spawn().await;
    let mut link = app.user("alice").await.refresh;
    for _ in 0..5 {
        app.clock.advance(seconds(6 * DAY - 24));
        link = app.refresh(&link).await.tokens().refresh;
    }
    let last = app.refresh(&link).await;
    assert_eq!((&last.body["expires_in"], &last.body["refresh_expires_in"]), (&json!(120), &json!(120)));
    app.clock.advance(seconds(120));
    app.refresh(&link).await.assert_problem(401, "invalid_refresh_token");
}

#[actix_rt::test]
async fn a_deactivated_user_cannot_refresh_nor_does_activation_revive_the_session() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    assert!(app.command_line(&["users", "deactivate", "alice"], "").await.status.success());
    app.refresh(&tokens.refresh).await.assert_problem(401, "invalid_refresh_token");
    assert!(app.command_line(&["users", "activate", "alice"], "").await.status.success());
    app.refresh(&tokens.refresh).await.assert_problem(401, "invalid_refresh_token");
    app.log_in("alice").await;
}

#[actix_rt::test]
async fn new_roles_show_at_the_next_refresh() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    assert!(app.command_line(&["users", "set-roles", "alice", "admin"], "").await.status.success());
    let refreshed = app.refresh(&tokens.refresh).await;
    assert_eq!(refreshed.body["scope"], "admin posts:read posts:write");
    let claims = app.verify(&refreshed.text("access_token"), "resource-api").await;
    assert_eq!(claims.roles.unwrap(), ["admin"]);
}

#[actix_rt::test]
async fn a_link_ahead_of_its_row_takes_the_row_along() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let backup = app.session(&first.access).await;
    let second = app.refresh(&first.refresh).await.tokens();
    app.clock.advance(seconds(GRACE));
    let third = app.refresh(&second.refresh).await.tokens();
    // The database is restored from a copy made before the refreshes.
    restore(&app, backup).await;
    assert_eq!(app.refresh(&third.refresh).await.tokens().refresh, third.refresh);
    assert_eq!(app.session(&first.access).await.generation, 2);
    app.clock.advance(seconds(GRACE));
    app.refresh(&second.refresh).await.assert_problem(401, "invalid_refresh_token");
}

async fn restore(app: &TestApp, row: auth_server::store::sessions::Session) {
    use auth_server::store::schema::sessions;
    use diesel::prelude::*;
    let restored = app.state.store.transaction::<_, auth_server::error::ApiError, _>(move |c| {
        diesel::delete(sessions::table.filter(sessions::id.eq(&row.id))).execute(c)?;
        Ok(diesel::insert_into(sessions::table).values(row).execute(c)?)
    });
    assert_eq!(restored.await.unwrap(), 1);
}

#[actix_rt::test]
async fn sessions_survive_a_restart() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let again = app.spawn_beside().await;
    app.stop().await;
    assert_eq!(again.refresh(&tokens.refresh).await.status, StatusCode::OK);
}
