//! `POST /oauth/revoke`: RFC 7009.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    app::{GRACE, Reply, START, TestApp},
    oauth::Service,
    published_list::claims_of,
};

const REVOKE: &str = "/oauth/revoke";

async fn revoke(app: &TestApp, token: &str) -> Reply {
    app.send_form(REVOKE, &[("token", token)]).await
}

fn assert_done(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert_eq!((&reply.body, reply.header("cache-control")), (&json!(null), "no-store"));
}

#[actix_rt::test]
async fn a_token_of_any_kind_ends_its_session_for_whoever_holds_it() {
    let app = TestApp::spawn().await;
    app.sign_up("alice").await;
    let narrowed = async |link: &str| {
        let body = json!({"refresh_token": link, "audience": "resource-api"});
        app.post("/auth/refresh", body).await.tokens().access
    };
    let [access, narrow, newest, oldest, other] = [
        app.log_in("alice").await,
        app.log_in("alice").await,
        app.log_in("alice").await,
        app.log_in("alice").await,
        app.log_in("alice").await,
    ];
    let narrow_access = narrowed(&narrow.refresh).await;
    app.refresh(&oldest.refresh).await.tokens();
    app.clock.set((START + 2 * i64::try_from(GRACE).unwrap()) * 1000);

    assert_done(&revoke(&app, &access.access).await);
    let first_party = ("client_id", "first-party");
    assert_done(&app.send_form(REVOKE, &[first_party, ("token", &narrow_access)]).await);
    assert_done(&revoke(&app, &newest.refresh).await);
    assert_done(&app.send_form(REVOKE, &[first_party, ("token", &oldest.refresh)]).await);

    app.assert_revoked(&[&access, &narrow, &newest, &oldest], &[&other]).await;
    for ended in [&access, &narrow, &newest, &oldest] {
        app.refresh(&ended.refresh).await.assert_problem(401, "invalid_refresh_token");
        app.get_as("/auth/user", &ended.access).await.assert_problem(401, "invalid_token");
    }
    assert_eq!(app.refresh(&other.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn an_access_token_in_the_header_beside_is_no_obstacle() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let request = app.request(Method::POST, REVOKE).bearer_auth(&alice.access);
    assert_done(&Reply::of(request.form(&[("token", &alice.access)])).await);
    app.assert_revoked(&[&alice], &[]).await;
}

#[actix_rt::test]
async fn a_revocation_is_recorded_once_with_who_did_it() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let service = app.service("timeline", "posts:read").await;
    let token = app.service_token(&service).await;
    for _ in 0..2 {
        assert_done(&revoke(&app, &alice.refresh).await);
        assert_done(&app.send_as(&service, REVOKE, &[("token", &token)]).await);
    }
    let events = app.recorded("token_revoked").await;
    assert_eq!(events.len(), 2, "{events:?}");
    let (of_service, of_user) = (&events[0], &events[1]);
    let claims = claims_of(&alice.access);
    assert_eq!((of_user.actor_type.as_str(), of_user.actor_id.as_deref()), ("user", claims["sub"].as_str()));
    assert_eq!(of_user.actor_name.as_deref(), Some("alice"));
    assert_eq!(of_user.subject_id, of_user.actor_id);
    assert_eq!(of_user.detail.as_deref(), claims["sid"].as_str());
    assert_eq!((of_service.actor_type.as_str(), of_service.actor_id.as_ref()), ("client", Some(&service.id)));
    assert_eq!(of_service.subject_name.as_deref(), Some("timeline"));
    assert!(events.iter().all(|event| event.ip.is_some() && event.request_id.is_some()));
}

#[actix_rt::test]
async fn what_is_no_good_token_is_answered_as_if_it_had_been_revoked() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let (signed, _) = alice.access.rsplit_once('.').unwrap();
    let foreign = shared_claims::testing::TestIssuer::new(&app.url);
    let mangled_link = format!("{}A", &alice.refresh[..alice.refresh.len() - 1]);
    let other_link =
        if mangled_link == alice.refresh { mangled_link.replace('A', "B") } else { mangled_link };
    let forged = foreign.user("alice").audience(&app.url).sign();
    for unknown in ["unknown", &format!("{signed}.AAAA"), &forged, &other_link, &"x".repeat(9000)] {
        assert_done(&revoke(&app, unknown).await);
    }
    app.clock.set((START + 305) * 1000);
    assert_done(&revoke(&app, &alice.access).await);
    assert!(app.recorded("token_revoked").await.is_empty());
    assert_eq!(app.refresh(&alice.refresh).await.status, StatusCode::OK);
    revoke(&app, "").await.assert_oauth_error(400, "invalid_request");
    app.send_form(REVOKE, &[("client_id", "first-party")]).await.assert_oauth_error(400, "invalid_request");
}

#[actix_rt::test]
async fn a_hint_is_only_a_hint() {
    let app = TestApp::spawn().await;
    let [alice, bob] = [app.user("alice").await, app.user("bob").await];
    for (token, hint) in [(&alice.access, "refresh_token"), (&bob.refresh, "saml2")] {
        assert_done(&app.send_form(REVOKE, &[("token", token), ("token_type_hint", hint)]).await);
    }
    app.assert_revoked(&[&alice, &bob], &[]).await;
}

#[actix_rt::test]
async fn a_service_ends_all_of_its_tokens_so_far_and_none_that_come_after() {
    let app = TestApp::spawn().await;
    let service = app.service("timeline", "users:read").await;
    let [first, second] = [app.service_token(&service).await, app.service_token(&service).await];
    assert_done(&app.send_as(&service, REVOKE, &[("token", &first)]).await);
    for ended in [&first, &second] {
        assert!(app.is_revoked(ended).await);
        app.get_as("/users?username=bob", ended).await.assert_problem(401, "invalid_token");
    }
    let third = app.service_token(&service).await;
    // Once more, with one that was revoked by the other.
    assert_done(&app.send_as(&service, REVOKE, &[("token", &second)]).await);
    assert!(!app.is_revoked(&third).await);
    assert_eq!(app.get_as("/users?username=bob", &third).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn somebody_elses_token_is_refused_and_stays_good() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let [service, other] =
        [app.service("timeline", "users:read").await, app.service("other", "users:read introspect").await];
    let token = app.service_token(&service).await;
    for not_its_own in [&alice.access, &alice.refresh, &token] {
        let reply = app.send_as(&other, REVOKE, &[("token", not_its_own)]).await;
        reply.assert_oauth_error(400, "invalid_grant");
    }
    revoke(&app, &token).await.assert_oauth_error(400, "invalid_grant");
    assert!(!app.is_revoked(&token).await);
    app.assert_revoked(&[], &[&alice]).await;
    assert_eq!(app.refresh(&alice.refresh).await.status, StatusCode::OK);
    assert!(app.recorded("token_revoked").await.is_empty());
}

#[actix_rt::test]
async fn credentials_that_are_sent_must_be_good() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice").await;
    let service = app.service("timeline", "users:read").await;
    let token = app.service_token(&service).await;
    let impostor = Service { id: service.id.clone(), secret: "guess".into() };
    for token in [&alice.refresh, &token] {
        app.send_as(&impostor, REVOKE, &[("token", token)]).await.assert_oauth_error(401, "invalid_client");
        let unproven = app.send_form(REVOKE, &[("client_id", &service.id), ("token", token)]).await;
        unproven.assert_oauth_error(401, "invalid_client");
    }
    assert!(!app.is_revoked(&token).await);
    app.assert_revoked(&[], &[&alice]).await;
}
