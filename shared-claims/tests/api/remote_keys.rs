use std::{sync::Arc, time::Duration};

use serde_json::json;
use shared_claims::{KeyState, TokenError, Verifier, VerifyError, testing::TestIssuer};
use tokio::{
    task::JoinSet,
    time::{pause, resume, timeout},
};

use super::support::{AUDIENCE, Answer, KeyServer, eventually, skip};

pub(crate) fn issuer() -> TestIssuer {
    TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE)
}

pub(crate) fn token(issuer: &TestIssuer) -> String {
    issuer.user("alice").sign()
}

pub(crate) fn token_with_kid(issuer: &TestIssuer, kid: &str) -> String {
    issuer.user("mallory").header("kid", kid).sign()
}

pub(crate) const UNKNOWN: VerifyError = VerifyError::Invalid(TokenError::UnknownKey);

fn is_unavailable<T>(result: &Result<T, VerifyError>) -> bool {
    matches!(result, Err(VerifyError::Unavailable { retry_after }) if *retry_after >= Duration::from_secs(1))
}

/// Sends tokens of as many unknown keys at once; how they were refused.
pub(crate) async fn flood(verifier: &Verifier, issuer: &TestIssuer, count: usize) -> Vec<VerifyError> {
    let mut requests = JoinSet::new();
    for number in 0..count {
        let (verifier, token) = (verifier.clone(), token_with_kid(issuer, &format!("unknown-{number}")));
        requests.spawn(async move { verifier.verify(&token).await.unwrap_err() });
    }
    requests.join_all().await
}

#[tokio::test]
async fn keys_are_fetched_at_first_use_and_not_again() {
    let issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    assert_eq!(verifier.key_state(), KeyState::Missing { last_error: None });
    assert_eq!(server.fetches(), 0);
    for _ in 0..100 {
        verifier.verify(&token(&issuer)).await.unwrap();
    }
    assert_eq!(server.fetches(), 1);
    assert_eq!(verifier.key_state(), KeyState::Fresh);
}

#[tokio::test]
async fn callers_at_once_share_one_fetch() {
    let issuer = issuer();
    let delay = Duration::from_millis(200);
    let server = KeyServer::start(Answer::Slowly { jwks: issuer.jwks(), delay });
    let verifier = server.verifier(&issuer);
    let token = Arc::new(token(&issuer));
    let mut requests = JoinSet::new();
    for _ in 0..50 {
        let (verifier, token) = (verifier.clone(), Arc::clone(&token));
        requests.spawn(async move { verifier.verify(&token).await.unwrap() });
    }
    assert_eq!(requests.join_all().await.len(), 50);
    assert_eq!(server.fetches(), 1);
    // The wishes of those who came late were fulfilled as well, and leave no fetch behind.
    flood(&verifier, &issuer, 10).await;
    assert_eq!(server.fetches(), 2);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_cancel_the_fetch() {
    let issuer = issuer();
    let delay = Duration::from_millis(200);
    let server = KeyServer::start(Answer::Slowly { jwks: issuer.jwks(), delay });
    let verifier = server.verifier(&issuer);
    let token = token(&issuer);
    let impatient = timeout(Duration::from_millis(50), verifier.verify(&token)).await;
    assert!(impatient.is_err(), "the answer takes longer than that");
    verifier.verify(&token).await.unwrap();
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn the_cooldown_is_the_max_age_when_that_is_shorter() {
    let issuer = issuer();
    let server = KeyServer::start(Answer::Keys { jwks: issuer.jwks(), max_age: 25 });
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    flood(&verifier, &issuer, 10).await;
    assert_eq!(server.fetches(), 2);
    // Due at 20 seconds; this fetch is nobody's and changes nothing in the cooldown.
    skip(21).await;
    eventually("the refresh", || server.fetches() == 3).await;
    flood(&verifier, &issuer, 10).await;
    assert_eq!(server.fetches(), 3);
    skip(5).await;
    flood(&verifier, &issuer, 10).await;
    assert_eq!(server.fetches(), 4);
}

#[tokio::test]
async fn known_kids_do_not_wait_for_unknown_ones() {
    let issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    server.answer_with(Answer::Hang);
    let (hanging, unknown) = (verifier.clone(), token_with_kid(&issuer, "unknown"));
    let waiting = tokio::spawn(async move { hanging.verify(&unknown).await });
    eventually("the hanging fetch", || server.fetches() == 2).await;
    for _ in 0..100 {
        verifier.verify(&token(&issuer)).await.unwrap();
    }
    assert!(!waiting.is_finished(), "the good tokens were verified while the fetch hung");
    skip(5).await;
    assert!(is_unavailable(&waiting.await.unwrap()), "a fetch may take five seconds");
    verifier.verify(&token(&issuer)).await.unwrap();
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_so_is_the_next() {
    let mut issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    let old = token(&issuer);
    for fetches in [2, 3] {
        issuer.rotate();
        server.publish(&issuer);
        verifier.verify(&token(&issuer)).await.unwrap();
        assert_eq!(server.fetches(), fetches);
    }
    assert_eq!(verifier.verify(&old).await, Err(UNKNOWN), "the old key is gone");
}

#[tokio::test]
async fn the_last_good_set_rides_out_an_outage_for_a_day() {
    let issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    server.stop().await;
    skip(3_601).await;
    verifier.verify(&token(&issuer)).await.unwrap();
    assert!(matches!(verifier.key_state(), KeyState::Stale { age } if age > Duration::from_hours(1)));
    skip(82_000).await;
    verifier.verify(&token(&issuer)).await.unwrap();
    skip(1_000).await;
    assert!(is_unavailable(&verifier.verify(&token(&issuer)).await));
    let KeyState::Missing { last_error: Some(error) } = verifier.key_state() else {
        panic!("the keys are too old")
    };
    assert!(error.contains("refused"), "the cause is told: {error}");
}

#[tokio::test]
async fn unknown_kids_during_an_outage_are_unavailable_not_invalid() {
    let issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    server.answer_with(Answer::Status(500));
    let refusals = flood(&verifier, &issuer, 100).await;
    assert!(refusals.iter().all(|error| matches!(error, VerifyError::Unavailable { .. })));
    verifier.verify(&token(&issuer)).await.unwrap();
}

#[tokio::test]
async fn a_cold_verifier_recovers_with_its_issuer() {
    let issuer = issuer();
    let server = KeyServer::start(Answer::Status(503));
    let verifier = server.verifier(&issuer);
    let token = token(&issuer);
    assert!(is_unavailable(&verifier.verify(&token).await));
    // Nothing here waits for the network, so time can stand still.
    pause();
    assert!(is_unavailable(&verifier.verify(&token).await));
    assert!(!verifier.warm_up().await);
    assert_eq!(server.fetches(), 1, "the failure is remembered for a second");
    resume();
    assert!(
        matches!(verifier.key_state(), KeyState::Missing { last_error: Some(error) } if error.contains("503"))
    );
    server.publish(&issuer);
    skip(1).await;
    verifier.verify(&token).await.unwrap();
    assert_eq!(verifier.key_state(), KeyState::Fresh);
}

#[tokio::test]
async fn a_cold_verifier_recovers_without_requests_too() {
    let issuer = issuer();
    let server = KeyServer::start(Answer::Body("<html>".to_owned()));
    let verifier = server.verifier(&issuer);
    assert!(!verifier.warm_up().await);
    server.publish(&issuer);
    eventually("recovery", || verifier.key_state() == KeyState::Fresh).await;
}

#[tokio::test]
async fn what_is_no_usable_key_set_never_replaces_a_good_one() {
    let (issuer, attacker) = (issuer(), issuer());
    let elsewhere = KeyServer::publishing(&attacker);
    let bad = [
        ("garbage", Answer::Body("\u{0}\u{1}garbage".to_owned())),
        ("HTML", Answer::Body("<!doctype html><title>login</title>".to_owned())),
        ("nothing", Answer::Body(String::new())),
        ("another document", Answer::Body(json!({ "issuer": "x" }).to_string())),
        ("an empty set", Answer::Body(json!({ "keys": [] }).to_string())),
        ("no usable key", Answer::Body(json!({ "keys": [{ "kty": "EC", "kid": "x" }] }).to_string())),
        ("half a set", Answer::Body(attacker.jwks().to_string().split_off(10))),
        ("a huge set", Answer::Body(format!("{}{}", " ".repeat(256 * 1024), attacker.jwks()))),
        ("an endless set", Answer::Endless),
        ("not found", Answer::Status(404)),
        ("no content", Answer::Status(204)),
        ("a redirect", Answer::Redirect(format!("{}/.well-known/jwks.json", elsewhere.url))),
    ];
    for (name, answer) in bad {
        let server = KeyServer::publishing(&issuer);
        let verifier = server.verifier(&issuer);
        verifier.verify(&token(&issuer)).await.unwrap();
        server.answer_with(answer);
        assert!(is_unavailable(&verifier.verify(&token(&attacker)).await), "{name}");
        assert!(server.fetches() >= 2, "{name}");
        verifier.verify(&token(&issuer)).await.unwrap();
    }
    assert_eq!(elsewhere.fetches(), 0, "a redirect is not followed");
}

#[tokio::test]
async fn an_idle_verifier_refreshes_ahead_of_the_max_age() {
    let mut issuer = issuer();
    let server = KeyServer::start(Answer::Keys { jwks: issuer.jwks(), max_age: 1 });
    let verifier = server.verifier(&issuer);
    let leaked = token(&issuer);
    verifier.verify(&leaked).await.unwrap();
    issuer.rotate();
    server.publish(&issuer);
    eventually("the refresh", || server.fetches() == 2).await;
    eventually("the new set", || verifier.key_state() == KeyState::Fresh).await;
    verifier.verify(&token(&issuer)).await.unwrap();
    assert_eq!(server.fetches(), 2, "the new key was there before its first token");
    assert_eq!(verifier.verify(&leaked).await, Err(UNKNOWN), "the old one left without anybody asking");
}

#[tokio::test]
async fn an_idle_verifier_honours_a_long_max_age() {
    let issuer = issuer();
    let server = KeyServer::start(Answer::Keys { jwks: issuer.jwks(), max_age: 1_000 });
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    skip(799).await;
    flood(&verifier, &issuer, 5).await;
    assert_eq!(server.fetches(), 2, "only the flood has fetched");
    skip(798).await;
    verifier.verify(&token(&issuer)).await.unwrap();
    assert_eq!(server.fetches(), 2);
    skip(2).await;
    eventually("the refresh at 80 %", || server.fetches() == 3).await;
}

#[test]
fn the_refresher_outlives_the_runtime_it_was_started_on() {
    let mut issuer = issuer();
    let servers = tokio::runtime::Runtime::new().unwrap();
    let server = servers.block_on(async { KeyServer::publishing(&issuer) });
    let verifier = server.verifier(&issuer);
    for fetches in [1, 2] {
        let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        worker.block_on(verifier.verify(&token(&issuer))).unwrap();
        assert_eq!(server.fetches(), fetches);
        issuer.rotate();
        server.publish(&issuer);
    }
    servers.block_on(server.stop());
}

#[test]
fn without_a_runtime_it_says_unavailable_instead_of_panicking() {
    use std::{
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };
    let issuer = issuer();
    let verifier = Verifier::builder(issuer.url(), AUDIENCE).build().unwrap();
    let token = token(&issuer);
    let mut verifying = pin!(verifier.verify(&token));
    let Poll::Ready(result) = verifying.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing to wait for");
    };
    assert!(is_unavailable(&result));
}
