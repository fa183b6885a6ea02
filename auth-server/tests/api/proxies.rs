//! Where a request comes from, as users and operators see it.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::{PASSWORD, Reply, TestApp};

/// The address that a session shows which was started with these headers.
async fn address_of_session(app: &TestApp, headers: &[(&str, &str)]) -> String {
    let mut request = app.request(Method::POST, "/auth/login");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = json!({"username": "alice", "password": PASSWORD});
    let tokens = Reply::of(request.json(&body)).await.tokens();
    let sessions = app.get_as("/auth/sessions?limit=1", &tokens.access).await;
    assert_eq!(sessions.status, StatusCode::OK);
    sessions.body["items"][0]["ip"].as_str().unwrap().to_owned()
}

#[actix_rt::test]
async fn without_trusted_proxies_the_peer_is_who_asks() {
    let app = TestApp::spawn().await;
    app.sign_up("alice").await;
    let claims = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
    assert_eq!(address_of_session(&app, &claims).await, "127.0.0.1");
}

#[actix_rt::test]
async fn a_trusted_proxy_tells_who_asks() {
    let app = TestApp::spawn_with(&[("AUTH__TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")]).await;
    app.sign_up("alice").await;
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[], "127.0.0.1"),
        (&[("x-forwarded-for", "198.51.100.9, 192.0.2.1, 10.1.1.1")], "192.0.2.1"),
        (&[("forwarded", "for=198.51.100.9, for=\"[2001:db8::1]:4711\"")], "2001:db8::1"),
        (&[("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
        (&[("forwarded", "for=198.51.100.9"), ("x-forwarded-for", "192.0.2.1")], "127.0.0.1"),
        (&[("x-forwarded-for", "192.0.2.1, unknown")], "127.0.0.1"),
    ];
    for (headers, expected) in cases {
        assert_eq!(address_of_session(&app, headers).await, expected, "{headers:?}");
    }
}
