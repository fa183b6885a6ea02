//! Where the keys come from: the issuer's published set, or a file.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use actix_web::{App, HttpServer, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    BigUint, RsaPublicKey,
    pkcs8::{EncodePublicKey, LineEnding},
};
use serde_json::Value;
use shared_claims::testing::TestIssuer;

use crate::support::{ISSUER, TestApp};

/// Publishes a key set, as auth-server does, until the test ends.
fn publish(listener: TcpListener, jwks: Value) {
    let server = HttpServer::new(move || {
        let jwks = jwks.clone();
        App::new().route(
            "/.well-known/jwks.json",
            web::get().to(move || std::future::ready(web::Json(jwks.clone()))),
        )
    });
    actix_rt::spawn(server.workers(1).listen(listener).unwrap().run());
}

/// The issuer's public key as an operator would be given it.
fn public_pem(issuer: &TestIssuer) -> String {
    let jwks = issuer.jwks();
    let number = |member: &str| {
        let text = jwks["keys"][0][member].as_str().unwrap();
        BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text).unwrap())
    };
    let key = RsaPublicKey::new(number("n"), number("e")).unwrap();
    key.to_public_key_pem(LineEnding::LF).unwrap()
}

#[actix_web::test]
async fn published_keys_are_fetched_through_the_internal_url() {
    let issuer = TestIssuer::new(ISSUER);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let internal = format!("http://{}", listener.local_addr().unwrap());
    publish(listener, issuer.jwks());
    let app = TestApp::spawn_without_key_file(issuer, &[("API__AUTH__INTERNAL_URL", &internal)]).await;
    app.anonymous().get("/health/ready").await.expect(200);
    app.user("alice").get("/api/protected").await.expect(200);
}

#[actix_web::test]
async fn without_keys_the_answer_is_come_back_later_until_auth_server_is_there() {
    let issuer = TestIssuer::new(ISSUER);
    let jwks = issuer.jwks();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let internal = format!("http://{address}");
    let app = TestApp::spawn_without_key_file(issuer, &[("API__AUTH__INTERNAL_URL", &internal)]).await;
    let alice = app.user("alice");

    let refusal = alice.get("/api/protected").await;
    refusal.expect_problem(503, "keys_unavailable");
    assert!(refusal.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    assert_eq!(refusal.header("www-authenticate"), None);
    let not_ready = app.anonymous().get("/health/ready").await;
    let problem = not_ready.expect_problem(503, "not_ready");
    assert!(problem["detail"].as_str().unwrap().contains("keys"), "{problem}");
    assert!(not_ready.header("retry-after").is_some());
    // Who sends no token, or none that could be good with any key, need not wait.
    app.anonymous().get("/api/public").await.expect(200);
    app.anonymous().get("/api/protected").await.expect_problem(401, "missing_token");
    app.with_token("x").get("/api/protected").await.expect_problem(401, "invalid_token");

    publish(TcpListener::bind(address).unwrap(), jwks);
    let deadline = Instant::now() + Duration::from_secs(20);
    while alice.get("/api/protected").await.status != 200 {
        assert!(Instant::now() < deadline, "the keys were not fetched");
        actix_rt::time::sleep(Duration::from_millis(100)).await;
    }
    app.anonymous().get("/health/ready").await.expect(200);
}

#[actix_web::test]
async fn a_pem_file_stands_in_for_the_published_keys() {
    let issuer = TestIssuer::new(ISSUER);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), public_pem(&issuer)).unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let app = TestApp::spawn_without_key_file(issuer, &[("API__AUTH__PUBLIC_KEY_FILE", &path)]).await;
    app.user("alice").get("/api/protected").await.expect(200);
    app.anonymous().get("/health/ready").await.expect(200);
    let stranger = TestIssuer::new(ISSUER).user("alice").sign();
    app.with_token(stranger).get("/api/protected").await.expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn tokens_of_another_audience_or_issuer_are_refused() {
    let app = TestApp::spawn_with(&[("API__AUTH__AUDIENCE", "posts")]).await;
    app.user("alice").get("/api/protected").await.expect_problem(401, "invalid_token");
    let meant_for_us = app.issuer.user("alice").audience("posts");
    app.with_token(meant_for_us.sign()).get("/api/protected").await.expect(200);
    let other_issuer = meant_for_us.claim("iss", "https://auth.test/");
    app.with_token(other_issuer.sign()).get("/api/protected").await.expect_problem(401, "invalid_token");
}
