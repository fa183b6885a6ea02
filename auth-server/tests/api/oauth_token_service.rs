//! `POST /oauth/token` for services: how they authenticate, and what they get.

use std::collections::BTreeSet;

use auth_server::{store::clients, tokens::Narrowing};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    app::{Reply, START, TestApp},
    oauth::Service,
    published_list::claims_of,
};

const TOKEN: &str = "/oauth/token";
const GRANT: (&str, &str) = ("grant_type", "client_credentials");

const ID: &str = "019a0000-0000-7000-8000-000000000000";
const PATCH: &str = r#"{"email":null,"current_password":"x","roles":["user"],"name":"x"}"#;
const CREATE: &str = r#"{"username":"bob","password":"correct horse battery","name":"x","scopes":[]}"#;

/// Everything of auth-server that belongs to users or administrators: method, path, and a body that would do.
const USERS_ROUTES: &[(&str, &str, &str)] = &[
    ("POST", "/auth/logout", ""),
    ("POST", "/auth/logout-all", ""),
    ("GET", "/auth/user", ""),
    ("PATCH", "/auth/user", PATCH),
    ("DELETE", "/auth/user", r#"{"password":"x"}"#),
    ("PUT", "/auth/user/password", r#"{"current_password":"x","new_password":"y"}"#),
    ("GET", "/auth/sessions", ""),
    ("DELETE", "/auth/sessions/ID", ""),
    ("GET", "/admin/users", ""),
    ("POST", "/admin/users", CREATE),
    ("GET", "/admin/users/ID", ""),
    ("PATCH", "/admin/users/ID", PATCH),
    ("DELETE", "/admin/users/ID", ""),
    ("GET", "/admin/users/ID/sessions", ""),
    ("DELETE", "/admin/users/ID/sessions", ""),
    ("GET", "/admin/clients", ""),
    ("POST", "/admin/clients", CREATE),
    ("GET", "/admin/clients/ID", ""),
    ("PATCH", "/admin/clients/ID", PATCH),
    ("DELETE", "/admin/clients/ID", ""),
    ("POST", "/admin/clients/ID/secret", ""),
    ("DELETE", "/admin/clients/ID/secret", ""),
    ("GET", "/admin/keys", ""),
    ("POST", "/admin/keys/rotate", ""),
    ("GET", "/admin/audit", ""),
];

async fn post_secret(app: &TestApp, id: &str, secret: &str) -> Reply {
    app.send_form(TOKEN, &[GRANT, ("client_id", id), ("client_secret", secret)]).await
}

async fn with_header(app: &TestApp, header: &str, form: &[(&str, &str)]) -> Reply {
    Reply::of(app.request(Method::POST, TOKEN).header("authorization", header).form(form)).await
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

#[actix_rt::test]
async fn a_service_gets_a_token_that_speaks_for_itself_and_no_refresh_token() {
    let app = TestApp::spawn().await;
    let service = app.service("timeline", "posts:read users:read").await;
    let by_header = app.send_as(&service, TOKEN, &[GRANT]).await;
    let by_body = post_secret(&app, &service.id, &service.secret).await;
    for reply in [by_header, by_body] {
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!((reply.header("cache-control"), reply.header("pragma")), ("no-store", "no-cache"));
        let mut members: Vec<&str> = reply.body.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["access_token", "expires_in", "scope", "token_type"]);
        assert_eq!((&reply.body["token_type"], &reply.body["expires_in"]), (&json!("Bearer"), &json!(300)));
        assert_eq!(reply.body["scope"], "posts:read users:read");

        let token = reply.text("access_token");
        let claims = app.verify(&token, "resource-api").await;
        assert_eq!((&claims.sub, &claims.client_id), (&service.id, &service.id));
        assert_eq!((claims.iat, claims.exp), (START, START + 300));
        assert_eq!(claims.aud.iter().collect::<Vec<_>>(), [app.url.as_str(), "resource-api"]);
        for of_users in ["roles", "username", "sid", "auth_time"] {
            assert!(claims_of(&token).get(of_users).is_none(), "{of_users}");
        }
        assert!(!app.is_revoked(&token).await);
    }
}

#[actix_rt::test]
async fn basic_credentials_may_be_encoded_and_the_body_may_repeat_the_id() {
    let app = TestApp::spawn().await;
    let Service { id, secret } = app.service("timeline", "posts:read").await;
    let encode = |text: &str| text.replace('-', "%2D").replace('_', "%5f");
    let encoded = basic(&encode(&id), &encode(&secret));
    assert_eq!(with_header(&app, &encoded, &[GRANT]).await.status, StatusCode::OK);
    let lower = basic(&id, &secret).replacen("Basic", "basic", 1);
    assert_eq!(with_header(&app, &lower, &[GRANT, ("client_id", &id)]).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_client_authenticates_in_one_way_and_as_one_client() {
    let app = TestApp::spawn().await;
    let Service { id, secret } = app.service("timeline", "posts:read").await;
    let other = app.service("other", "posts:read").await;
    let header = basic(&id, &secret);
    for more in [("client_secret", secret.as_str()), ("client_id", &other.id), ("client_id", "first-party")] {
        with_header(&app, &header, &[GRANT, more]).await.assert_oauth_error(400, "invalid_request");
    }
    let twice = app.request(Method::POST, TOKEN).header("authorization", &header);
    let twice = Reply::of(twice.header("authorization", &header).form(&[GRANT])).await;
    twice.assert_oauth_error(400, "invalid_request");
    let nameless = app.send_form(TOKEN, &[GRANT, ("client_secret", &secret)]).await;
    nameless.assert_oauth_error(400, "invalid_request");
}

#[actix_rt::test]
async fn whoever_cannot_authenticate_gets_the_same_answer() {
    let app = TestApp::spawn().await;
    let Service { id, secret } = app.service("timeline", "posts:read").await;
    let off = app.service("off", "posts:read").await;
    app.switch_off(&off).await;
    let nobody = auth_server::clients::new_client_id(&app.state.ids, app.clock.now_ms());
    let mut answers = vec![
        app.send_form(TOKEN, &[GRANT, ("client_id", &id)]).await,
        with_header(&app, &format!("Bearer {secret}"), &[GRANT]).await,
        with_header(&app, "Basic", &[GRANT]).await,
        with_header(&app, "Basic !!!", &[GRANT]).await,
        with_header(&app, &format!("Basic {}", STANDARD.encode(&id)), &[GRANT]).await,
    ];
    for (id, secret) in [
        (id.as_str(), off.secret.as_str()),
        (&id, ""),
        (&id, &secret.to_ascii_lowercase()),
        (&off.id, &off.secret),
        (&nobody, &secret),
        (&id.to_ascii_uppercase(), &secret),
        ("first-party", &secret),
        ("a\0b", &secret),
        ("", &secret),
        ("' OR 1=1 --", &secret),
    ] {
        answers.push(with_header(&app, &basic(id, secret), &[GRANT]).await);
        if !id.is_empty() && !secret.is_empty() {
            answers.push(post_secret(&app, id, secret).await);
        }
    }
    for answer in &answers {
        answer.assert_oauth_error(401, "invalid_client");
        assert_eq!((&answer.body, answer.header("cache-control")), (&answers[0].body, "no-store"));
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"oauth\"");
    }
}

#[actix_rt::test]
async fn each_live_secret_is_good_and_one_that_was_ended_is_not() {
    let app = TestApp::spawn().await;
    let older = app.service("timeline", "posts:read").await;
    let newer = app.another_secret(&older).await;
    for live in [&older, &newer] {
        assert_eq!(app.send_as(live, TOKEN, &[GRANT]).await.status, StatusCode::OK);
    }
    let id = older.id.clone();
    app.database(move |c| {
        let secrets = clients::secrets(c, &id)?;
        clients::end_secret(c, &secrets[0], START)
    })
    .await;
    app.send_as(&older, TOKEN, &[GRANT]).await.assert_oauth_error(401, "invalid_client");
    assert_eq!(app.send_as(&newer, TOKEN, &[GRANT]).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn each_kind_of_client_has_its_own_grant() {
    let app = TestApp::spawn().await;
    let service = app.service("timeline", "posts:read").await;
    let tokens = app.user("alice").await;
    let link = ("refresh_token", tokens.refresh.as_str());
    let first_party = ("client_id", "first-party");
    let refresh = ("grant_type", "refresh_token");
    app.send_as(&service, TOKEN, &[refresh, link]).await.assert_oauth_error(400, "unauthorized_client");
    app.send_form(TOKEN, &[first_party, GRANT]).await.assert_oauth_error(400, "unauthorized_client");
    for grant in ["password", "authorization_code", "implicit", "Client_credentials"] {
        let reply = app.send_as(&service, TOKEN, &[("grant_type", grant), link]).await;
        reply.assert_oauth_error(400, "unsupported_grant_type");
    }
    app.send_as(&service, TOKEN, &[]).await.assert_oauth_error(400, "invalid_request");
    // The service's attempts have not spent the link.
    assert_eq!(app.session(&tokens.access).await.generation, 0);
}

#[actix_rt::test]
async fn no_grant_gives_more_than_was_asked_nor_more_than_may_be_had() {
    let app = TestApp::spawn().await;
    let service = app.service("timeline", "posts:read users:read").await;
    let tokens = app.user("alice").await;
    let as_user = [
        ("grant_type", "refresh_token"),
        ("client_id", "first-party"),
        ("refresh_token", tokens.refresh.as_str()),
    ];
    let as_service = [GRANT, ("client_id", service.id.as_str()), ("client_secret", service.secret.as_str())];
    let everyone = [app.url.as_str(), "resource-api"];
    let grants: [(&[_], &[&str]); 2] =
        [(&as_user, &["posts:read", "posts:write"]), (&as_service, &["posts:read", "users:read"])];
    for (grant, allowed) in grants {
        for scopes in subsets(&["posts:read", "posts:write", "users:read", "admin"]) {
            for audience in subsets(&[app.url.as_str(), "resource-api", "elsewhere"]) {
                let scope = scopes.join(" ");
                let mut form = grant.to_vec();
                form.push(("scope", &scope));
                form.extend(audience.iter().map(|name| ("audience", *name)));
                let reply = app.send_form(TOKEN, &form).await;
                let excessive_scope = !scopes.iter().all(|scope| allowed.contains(scope));
                let excessive_audience = audience.contains(&"elsewhere");
                if excessive_scope || excessive_audience {
                    let error = if excessive_audience { "invalid_target" } else { "invalid_scope" };
                    reply.assert_oauth_error(400, error);
                    continue;
                }
                let claims = claims_of(&reply.text("access_token"));
                let granted = if scopes.is_empty() { allowed } else { &scopes };
                assert_eq!(claims["scope"], granted.join(" "));
                assert_eq!(reply.body["scope"], claims["scope"]);
                let meant_for = if audience.is_empty() { &everyone[..] } else { &audience };
                let aud = match &claims["aud"] {
                    serde_json::Value::String(one) => BTreeSet::from([one.as_str()]),
                    many => many.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect(),
                };
                assert_eq!(aud, meant_for.iter().copied().collect());
            }
        }
    }
}

/// Left aside, it would mean a token for everybody.
#[actix_rt::test]
async fn a_token_for_a_resource_is_refused_rather_than_made_for_everybody() {
    let app = TestApp::spawn().await;
    let Service { id, secret } = app.service("timeline", "posts:read").await;
    for resources in [&[("resource", "https://a.example")][..], &[("resource", "a:b"), ("resource", "c:d")]] {
        let form = [&[GRANT, ("client_id", &id), ("client_secret", &secret)], resources].concat();
        app.send_form(TOKEN, &form).await.assert_oauth_error(400, "invalid_target");
    }
}

/// Every choice of these names, the empty one included.
fn subsets<'a>(names: &[&'a str]) -> Vec<Vec<&'a str>> {
    let chosen = |bits: usize| {
        let of_bit = |(bit, name): (usize, &&'a str)| (bits & (1 << bit) != 0).then_some(*name);
        names.iter().enumerate().filter_map(of_bit).collect()
    };
    (0..1 << names.len()).map(chosen).collect()
}

#[actix_rt::test]
async fn a_service_without_scopes_has_a_token_that_allows_nothing() {
    let app = TestApp::spawn().await;
    let service = app.service("timeline", "").await;
    let reply = app.send_as(&service, TOKEN, &[GRANT]).await;
    assert_eq!(reply.body["scope"], "");
    let token = reply.text("access_token");
    app.get_as("/users?username=alice", &token).await.assert_problem(403, "insufficient_scope");
    let too_much = app.send_as(&service, TOKEN, &[GRANT, ("scope", "posts:read")]).await;
    too_much.assert_oauth_error(400, "invalid_scope");
    let malformed = app.send_as(&service, TOKEN, &[GRANT, ("scope", "a\"b")]).await;
    malformed.assert_oauth_error(400, "invalid_scope");
}

#[actix_rt::test]
async fn a_service_that_is_switched_off_has_no_good_token_any_more() {
    let app = TestApp::spawn().await;
    let service = app.service("timeline", "users:read").await;
    let token = app.service_token(&service).await;
    assert_eq!(app.get_as("/users?username=bob", &token).await.status, StatusCode::OK);
    app.switch_off(&service).await;
    assert!(app.is_revoked(&token).await);
    app.get_as("/users?username=bob", &token).await.assert_problem(401, "invalid_token");
    app.send_as(&service, TOKEN, &[GRANT]).await.assert_oauth_error(401, "invalid_client");
}

#[actix_rt::test]
async fn a_token_signed_after_its_service_was_switched_off_comes_into_the_world_revoked() {
    let app = TestApp::spawn().await;
    let service = app.service("timeline", "users:read").await;
    let id = service.id.clone();
    let read = app.database(move |c| clients::find_with_secrets(c, &id)).await.unwrap();
    app.switch_off(&service).await;

    let grant = app.state.issuer.client_grant(&read.client, &Narrowing::default()).unwrap();
    let (ring, now_ms) = (app.state.keys.ring(), app.clock.now_ms());
    let key = ring.active(now_ms / 1000).unwrap();
    let late = app.state.issuer.client_token(key, &app.state.ids, now_ms, &grant).unwrap();
    assert!(app.is_revoked(&late.token).await);
    app.get_as("/users?username=bob", &late.token).await.assert_problem(401, "invalid_token");
}

#[actix_rt::test]
async fn a_services_token_opens_nothing_of_a_user_whatever_its_scope() {
    let app = TestApp::spawn().await;
    let service = app.service("all-powerful", "admin introspect posts:read posts:write users:read").await;
    let token = app.service_token(&service).await;
    for (method, path, body) in USERS_ROUTES {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = app.request(method.clone(), &path.replace("ID", ID)).bearer_auth(&token);
        let request = match *body {
            "" => request,
            json => request.header("content-type", "application/json").body(json),
        };
        let reply = Reply::of(request).await;
        assert_eq!(reply.body["code"], "user_required", "{method} {path}");
        reply.assert_problem(403, "user_required");
        assert!(reply.header("www-authenticate").contains("error=\"insufficient_scope\""), "{path}");
    }
}
