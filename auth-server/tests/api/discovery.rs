use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::{Reply, TestApp};

#[actix_rt::test]
async fn the_key_set_has_the_active_and_the_next_key_and_nothing_private() {
    let app = TestApp::spawn().await;
    let reply = app.get("/.well-known/jwks.json").await;
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
    let keys = reply.body["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let mut members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!((&key["kty"], &key["use"], &key["alg"]), (&json!("RSA"), &json!("sig"), &json!("RS256")));
    }
}

#[actix_rt::test]
async fn a_client_that_has_the_key_set_is_told_so() {
    let app = TestApp::spawn().await;
    let tag = app.get("/.well-known/jwks.json").await.header("etag").to_owned();
    assert!(tag.starts_with('"'));
    let get = |tag: &str| app.request(Method::GET, "/.well-known/jwks.json").header("if-none-match", tag);
    let reply = Reply::of(get(&format!("\"other\", {tag}"))).await;
    assert_eq!((reply.status, reply.header("etag")), (StatusCode::NOT_MODIFIED, tag.as_str()));
    assert_eq!(Reply::of(get("\"other\"")).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn the_max_age_follows_the_time_a_key_is_published_ahead() {
    let app = TestApp::spawn_with(&[("AUTH__KEYS__PUBLISH_AHEAD", "40s")]).await;
    assert_eq!(app.get("/.well-known/jwks.json").await.header("cache-control"), "public, max-age=10");
}

#[actix_rt::test]
async fn the_metadata_is_true() {
    let app = TestApp::spawn().await;
    let metadata = app.get("/.well-known/oauth-authorization-server").await.body;
    assert_eq!(metadata["issuer"], app.url);
    assert_eq!(metadata["response_types_supported"], json!([]));
    let endpoints = [
        "jwks_uri",
        "token_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
        "status_list_aggregation_endpoint",
    ];
    for endpoint in endpoints {
        let url = metadata[endpoint].as_str().unwrap();
        let path = url.strip_prefix(&app.url).unwrap();
        assert_ne!(app.get(path).await.status, StatusCode::NOT_FOUND, "{endpoint}");
    }
    for scope in ["admin", "introspect", "posts:read", "posts:write", "users:read"] {
        assert!(metadata["scopes_supported"].as_array().unwrap().contains(&json!(scope)), "{scope}");
    }
}

#[actix_rt::test]
async fn the_grants_and_methods_that_the_metadata_names_can_be_used_and_no_others() {
    let app = TestApp::spawn().await;
    let metadata = app.get("/.well-known/oauth-authorization-server").await.body;
    let names = |member: &str, value: &str| metadata[member].as_array().unwrap().contains(&json!(value));
    let tokens = app.user("alice").await;
    let service = app.service("gateway", "introspect").await;
    let link = ("refresh_token", tokens.refresh.as_str());
    let as_first_party = ("client_id", "first-party");
    for grant in ["refresh_token", "client_credentials", "password", "authorization_code"] {
        let form = [("grant_type", grant), link];
        let statuses = [
            app.send_form("/oauth/token", &[&form[..], &[as_first_party]].concat()).await.status,
            app.send_as(&service, "/oauth/token", &form).await.status,
        ];
        assert_eq!(statuses.contains(&StatusCode::OK), names("grant_types_supported", grant), "{grant}");
    }
    let secret = [("client_id", service.id.as_str()), ("client_secret", &service.secret)];
    let token = ("token", "unknown");
    for (path, member) in [
        ("/oauth/revoke", "revocation_endpoint_auth_methods_supported"),
        ("/oauth/introspect", "introspection_endpoint_auth_methods_supported"),
    ] {
        let none = app.send_form(path, &[as_first_party, token]).await.status;
        let basic = app.send_as(&service, path, &[token]).await.status;
        let post = app.send_form(path, &[&secret[..], &[token]].concat()).await.status;
        let bearer = app.service_token(&service).await;
        let bearer = app.request(Method::POST, path).bearer_auth(bearer).form(&[token]);
        let bearer = Reply::of(bearer).await.status;
        let methods = [
            ("none", none),
            ("client_secret_basic", basic),
            ("client_secret_post", post),
            ("Bearer", bearer),
        ];
        for (method, status) in methods {
            // Whoever revokes needs no credentials, so that one in the header is let pass and is no method.
            if (method, path) != ("Bearer", "/oauth/revoke") {
                assert_eq!(status == StatusCode::OK, names(member, method), "{method} at {path}");
            }
        }
    }
    for method in ["none", "client_secret_basic", "client_secret_post"] {
        assert!(names("token_endpoint_auth_methods_supported", method), "{method}");
    }
}

#[actix_rt::test]
async fn the_root_and_health_tell_what_runs() {
    let app = TestApp::spawn().await;
    let root = app.get("/").await.body;
    assert_eq!((&root["service"], &root["status"]), (&json!("auth-server"), &json!("running")));
    assert_eq!(app.get("/health/live").await.status, StatusCode::OK);
    assert_eq!(app.get("/health/ready").await.body["checks"], json!({"database": "ok", "keys": "ok"}));
}
