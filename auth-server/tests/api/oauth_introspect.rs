//! `POST /oauth/introspect`: RFC 7662.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    app::{GRACE, Reply, START, TestApp},
    oauth::Service,
    published_list::claims_of,
};

const INTROSPECT: &str = "/oauth/introspect";

struct Asker<'a> {
    app: &'a TestApp,
    service: Service,
}

impl<'a> Asker<'a> {
    async fn of(app: &'a TestApp) -> Self {
        Self { app, service: app.service("gateway", "introspect").await }
    }

    async fn ask(&self, token: &str) -> Value {
        let reply = self.app.send_as(&self.service, INTROSPECT, &[("token", token)]).await;
        assert_eq!((reply.status, reply.header("cache-control")), (StatusCode::OK, "no-store"), "{reply:?}");
        reply.body
    }

    /// Asserts that a token is not good, and that nothing more is said.
    async fn refuses(&self, token: &str) {
        assert_eq!(self.ask(token).await, json!({"active": false}));
    }
}

#[actix_rt::test]
async fn of_a_good_access_token_everything_is_said_whoever_it_is_meant_for() {
    let app = TestApp::spawn().await;
    let asker = Asker::of(&app).await;
    let alice = app.user("alice").await;
    let narrow = json!({"refresh_token": alice.refresh, "audience": "resource-api"});
    let narrow = app.post("/auth/refresh", narrow).await.tokens().access;
    let other = app.service("timeline", "posts:read").await;
    for token in [alice.access, narrow, app.service_token(&other).await] {
        let mut expected = claims_of(&token);
        expected["active"] = json!(true);
        expected["token_type"] = json!("Bearer");
        assert_eq!(asker.ask(&token).await, expected);
    }
}

#[actix_rt::test]
async fn of_a_refresh_token_is_said_what_a_refresh_would_give() {
    let app = TestApp::spawn().await;
    let asker = Asker::of(&app).await;
    let alice = app.user("alice").await;
    let claims = claims_of(&alice.access);
    let said = asker.ask(&alice.refresh).await;
    let expected = json!({
        "active": true, "iss": app.url, "sub": claims["sub"], "client_id": "first-party", "username": "alice",
        "sid": claims["sid"], "scope": "posts:read posts:write", "iat": START, "exp": START + 7 * 86_400,
    });
    assert_eq!(said, expected);
    assert_eq!(app.session(&alice.access).await.generation, 0, "asking has advanced the chain");
}

#[actix_rt::test]
async fn a_replayed_link_is_not_good_and_asking_about_it_ends_nothing() {
    let app = TestApp::spawn().await;
    let asker = Asker::of(&app).await;
    let alice = app.user("alice").await;
    let newest = app.refresh(&alice.refresh).await.tokens().refresh;
    for within_the_grace in [&alice.refresh, &newest] {
        assert_eq!(asker.ask(within_the_grace).await["active"], true);
    }
    app.clock.set((START + i64::try_from(GRACE).unwrap()) * 1000);
    asker.refuses(&alice.refresh).await;
    assert_eq!(asker.ask(&newest).await["active"], true);
    assert!(!app.is_revoked(&alice.access).await);
    assert_eq!(app.refresh(&newest).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn of_anything_else_nothing_is_said() {
    let app = TestApp::spawn().await;
    let asker = Asker::of(&app).await;
    let foreign = shared_claims::testing::TestIssuer::new(&app.url);
    let forged = foreign.user("alice").audience(&app.url).sign();
    for unknown in ["unknown", "a.b.c", &forged, &"x".repeat(9000)] {
        asker.refuses(unknown).await;
    }
    let [out, role, gone] = [app.user("alice").await, app.user("bobby").await, app.user("carol").await];
    app.log_out(&out.refresh).await;
    assert!(app.command_line(&["users", "set-roles", "bobby", "user", "x"], "").await.status.success());
    assert!(app.command_line(&["users", "deactivate", "carol"], "").await.status.success());
    for token in [&out.access, &out.refresh, &role.access, &gone.access, &gone.refresh] {
        asker.refuses(token).await;
    }
    assert_eq!(asker.ask(&role.refresh).await["active"], true);
    let off = app.service("off", "posts:read").await;
    let of_service = app.service_token(&off).await;
    app.switch_off(&off).await;
    asker.refuses(&of_service).await;
}

#[actix_rt::test]
async fn an_access_token_is_good_until_it_expires_and_no_leeway_longer() {
    let app = TestApp::spawn().await;
    let asker = Asker::of(&app).await;
    let alice = app.user("alice").await;
    app.clock.set((START + 299) * 1000);
    assert_eq!(asker.ask(&alice.access).await["active"], true);
    app.clock.set((START + 300) * 1000);
    asker.refuses(&alice.access).await;
}

#[actix_rt::test]
async fn a_service_with_the_scope_may_ask_by_secret_or_by_token() {
    let app = TestApp::spawn().await;
    let service = app.service("gateway", "introspect posts:read").await;
    let Service { id, secret } = &service;
    let by_post = [("client_id", id.as_str()), ("client_secret", secret), ("token", "unknown")];
    assert_eq!(app.send_form(INTROSPECT, &by_post).await.body, json!({"active": false}));
    let bearer = async |token: &str| {
        let request = app.request(Method::POST, INTROSPECT).bearer_auth(token);
        Reply::of(request.form(&[("token", token)])).await
    };
    let token = app.service_token(&service).await;
    assert_eq!(bearer(&token).await.body["active"], true);

    // The token's own scope counts, and that it is meant for us.
    let narrowed = async |name: &str, value: &str| {
        let form = [("grant_type", "client_credentials"), (name, value)];
        app.send_as(&service, "/oauth/token", &form).await.text("access_token")
    };
    bearer(&narrowed("scope", "posts:read").await).await.assert_oauth_error(403, "insufficient_scope");
    bearer(&narrowed("audience", "resource-api").await).await.assert_oauth_error(401, "invalid_token");
    app.send_as(&service, INTROSPECT, &[]).await.assert_oauth_error(400, "invalid_request");
}

#[actix_rt::test]
async fn whoever_is_no_service_with_the_scope_learns_nothing() {
    let settings = [("AUTH__ROLES__USER", "posts:read introspect")];
    let app = TestApp::spawn_with(&settings).await;
    let alice = app.user("alice").await;
    let service = app.service("timeline", "posts:read").await;
    let token = ("token", alice.access.as_str());

    let lacking = app.send_as(&service, INTROSPECT, &[token]).await;
    lacking.assert_oauth_error(403, "insufficient_scope");
    assert_eq!(
        lacking.header("www-authenticate"),
        "Bearer error=\"insufficient_scope\", scope=\"introspect\""
    );

    let impostor = Service { id: service.id.clone(), secret: "guess".into() };
    let unauthenticated = [
        app.send_form(INTROSPECT, &[token]).await,
        app.send_form(INTROSPECT, &[token, ("client_id", "first-party")]).await,
        app.send_as(&impostor, INTROSPECT, &[token]).await,
    ];
    for reply in unauthenticated {
        reply.assert_oauth_error(401, "invalid_client");
        assert!(reply.header("www-authenticate").starts_with("Basic"));
    }

    let bearer = |value: &str| app.request(Method::POST, INTROSPECT).bearer_auth(value);
    // A user's token, though its scope has the word.
    assert_eq!(claims_of(&alice.access)["scope"], "introspect posts:read");
    let of_user = Reply::of(bearer(&alice.access).form(&[token])).await;
    of_user.assert_oauth_error(403, "insufficient_scope");
    let bad = Reply::of(bearer("nonsense").form(&[token])).await;
    bad.assert_oauth_error(401, "invalid_token");
    assert!(bad.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
    let both = [token, ("client_id", &service.id), ("client_secret", &service.secret)];
    Reply::of(bearer(&alice.access).form(&both)).await.assert_oauth_error(400, "invalid_request");
}
