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
    for endpoint in ["jwks_uri", "token_endpoint", "status_list_aggregation_endpoint"] {
        let url = metadata[endpoint].as_str().unwrap();
        let path = url.strip_prefix(&app.url).unwrap();
        assert_ne!(app.get(path).await.status, StatusCode::NOT_FOUND, "{endpoint}");
    }
    // What it names can be used, and what it does not name cannot.
    let tokens = app.user("alice").await;
    for grant in ["refresh_token", "password", "client_credentials", "authorization_code"] {
        let form = [("grant_type", grant), ("client_id", "first-party"), ("refresh_token", &tokens.refresh)];
        let reply = Reply::of(app.request(Method::POST, "/oauth/token").form(&form)).await;
        let named = metadata["grant_types_supported"].as_array().unwrap().contains(&json!(grant));
        assert_eq!(reply.status == StatusCode::OK, named, "{grant}");
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
