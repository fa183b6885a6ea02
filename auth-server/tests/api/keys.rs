//! Keys that come and go, as clients and services see it.

use std::time::Duration;

use auth_server::{
    sessions::RefreshToken,
    tokens::{KeyState, Keys, Kind},
};
use reqwest::StatusCode;
use shared_claims::UnverifiedToken;

use crate::app::TestApp;

const HOUR: u64 = 3600;

async fn published(app: &TestApp) -> Vec<String> {
    let body = app.get("/.well-known/jwks.json").await.body;
    body["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(access_token: &str) -> String {
    UnverifiedToken::parse(access_token).unwrap().kid().to_owned()
}

/// Runs what blocks.
async fn changed<R: Send + 'static>(
    app: &TestApp,
    change: impl FnOnce(&Keys) -> anyhow::Result<R> + Send + 'static,
) -> R {
    let keys = app.state.keys.clone();
    actix_web::web::block(move || change(&keys)).await.unwrap().unwrap()
}

fn active_id(app: &TestApp, kind: Kind) -> String {
    let listed = app.state.keys.ring().list(app.clock.now_secs());
    listed.into_iter().find(|key| key.kind == kind && key.state == KeyState::Active).unwrap().id
}

#[actix_rt::test]
async fn a_key_is_published_for_as_long_as_the_settings_say_before_it_signs() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let before = published(&app).await;
    changed(&app, Keys::rotate).await;
    assert_eq!(published(&app).await, before);
    app.clock.advance(Duration::from_secs(HOUR - 1));
    let last = app.refresh(&first.refresh).await.tokens();
    assert_eq!(kid(&last.access), before[0]);
    app.clock.advance(Duration::from_secs(1));
    changed(&app, Keys::reread).await;
    let reply = app.refresh(&first.refresh).await.tokens();
    assert_eq!(kid(&reply.access), before[1]);
    assert!(published(&app).await.starts_with(&before));
    // What the retired key signed is still believed, here too.
    assert_eq!(app.get_as("/auth/user", &last.access).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_link_that_is_repeated_within_the_grace_may_be_made_with_a_newer_secret_and_both_are_good() {
    let app = TestApp::spawn().await;
    let login = app.user("alice").await;
    changed(&app, Keys::rotate).await;
    app.clock.advance(Duration::from_secs(HOUR - 1));
    let newest = app.refresh(&login.refresh).await.tokens().refresh;
    app.clock.advance(Duration::from_secs(1));
    let repeated = app.refresh(&login.refresh).await.tokens().refresh;
    let link = |text: &str| RefreshToken::parse(text).unwrap();
    assert_eq!(link(&newest).generation(), link(&repeated).generation());
    assert_ne!(link(&newest).secret_id(), link(&repeated).secret_id());
    for link in [&newest, &repeated, &newest] {
        assert_eq!(app.refresh(link).await.status, StatusCode::OK);
    }
}

#[actix_rt::test]
async fn what_a_revoked_key_signed_is_refused_at_once_and_a_refresh_gives_a_good_token() {
    let app = TestApp::spawn().await;
    let beside = app.spawn_beside().await;
    let login = app.user("alice").await;
    let (revoked, next) = (published(&app).await.remove(0), published(&app).await.remove(1));
    let id = revoked.clone();
    changed(&app, move |keys| keys.revoke(&id)).await;
    changed(&beside, Keys::reread).await;
    for server in [&app, &beside] {
        let set = published(server).await;
        assert!(set.len() == 2 && set[0] == next && !set.contains(&revoked), "{set:?}");
        server.get_as("/auth/user", &login.access).await.assert_problem(401, "invalid_token");
        let tokens = server.refresh(&login.refresh).await.tokens();
        assert_eq!(kid(&tokens.access), next);
        assert_eq!(server.get_as("/auth/user", &tokens.access).await.status, StatusCode::OK);
    }
}

#[actix_rt::test]
async fn links_made_with_a_revoked_secret_are_refused_and_end_nobodys_session() {
    let app = TestApp::spawn().await;
    let leaked = app.user("alice").await;
    let id = active_id(&app, Kind::RefreshSecret);
    changed(&app, move |keys| keys.revoke(&id)).await;
    app.refresh(&leaked.refresh).await.assert_problem(401, "invalid_refresh_token");
    assert_eq!(app.get_as("/auth/user", &leaked.access).await.status, StatusCode::OK);
    assert!(app.session(&leaked.access).await.ended_at.is_none());
    let login = app.log_in("alice").await;
    assert_eq!(app.refresh(&login.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_link_stays_good_across_a_rotation_of_its_secret_for_as_long_as_its_session_may_be_idle() {
    let app = TestApp::spawn_with(&[("AUTH__SESSIONS__IDLE_TTL", "2h")]).await;
    let login = app.user("alice").await;
    changed(&app, Keys::rotate).await;
    app.clock.advance(Duration::from_secs(2 * HOUR - 1));
    changed(&app, Keys::reread).await;
    let newer = app.refresh(&login.refresh).await.tokens().refresh;
    assert_ne!(
        RefreshToken::parse(&newer).unwrap().secret_id(),
        RefreshToken::parse(&login.refresh).unwrap().secret_id()
    );
}

#[actix_rt::test]
async fn a_lost_answer_may_be_asked_for_again_after_the_secret_has_changed() {
    let settings = [
        ("AUTH__KEYS__PUBLISH_AHEAD", "4s"),
        ("AUTH__SESSIONS__IDLE_TTL", "31s"),
        ("AUTH__SESSIONS__REFRESH_GRACE", "30s"),
    ];
    let app = TestApp::spawn_with(&settings).await;
    let later = async |seconds| {
        app.clock.advance(Duration::from_secs(seconds));
        let keys = app.state.keys.clone();
        actix_web::web::block(move || keys.reread()).await.unwrap().unwrap();
    };
    let keys = app.state.keys.clone();
    actix_web::web::block(move || keys.rotate()).await.unwrap().unwrap();
    later(3).await;
    let tokens = app.user("alice").await;
    // The link is one of the last of its secret, used as late as it may be, and its answer is lost.
    later(29).await;
    let lost = app.refresh(&tokens.refresh).await.tokens();
    later(29).await;
    let again = app.refresh(&tokens.refresh).await.tokens();
    assert_eq!(app.refresh(&again.refresh).await.status, StatusCode::OK);
    assert_eq!(again.refresh, lost.refresh);
}
