use serde_json::json;

use crate::support::{ISSUER, TestApp};

#[actix_web::test]
async fn the_metadata_says_what_this_server_accepts() {
    let app = TestApp::spawn_with(&[("API__PUBLIC_URL", "https://api.example.org")]).await;
    let answer = app.anonymous().get("/.well-known/oauth-protected-resource").await;
    let expected = json!({
        "resource": "https://api.example.org",
        "authorization_servers": [ISSUER],
        "scopes_supported": ["posts:read", "posts:write", "admin"],
        "bearer_methods_supported": ["header"],
    });
    assert_eq!(answer.expect(200), expected);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("cache-control").unwrap().starts_with("public, max-age="));
}
