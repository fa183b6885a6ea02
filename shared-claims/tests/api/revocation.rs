//! What a verifier does with status lists while their issuer answers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use shared_claims::{
    ClaimFault, Clock, TokenError, Verifier, VerifyError,
    testing::{TestIssuer, forgeries},
};
use tokio::task::JoinSet;

use super::support::{AUDIENCE, Answer, ListServer, eventually, skip};

const REVOKED: VerifyError = VerifyError::Invalid(TokenError::Revoked);

fn issuer() -> TestIssuer {
    TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE)
}

fn token(issuer: &TestIssuer, idx: u64) -> String {
    issuer.user("alice").expires_in(100_000).status(0, idx).sign()
}

/// Verifies until the token is refused as revoked.
async fn eventually_revoked(verifier: &Verifier, token: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while verifier.verify(token).await != Err(REVOKED) {
        assert!(Instant::now() < deadline, "the revocation was not seen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_revoked_token_is_refused_once_the_list_is_refreshed_and_others_stay_good() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier = server.verifier(&issuer);
    let (revoked, unaffected) = (token(&issuer, 5), token(&issuer, 6));
    verifier.verify(&revoked).await.unwrap();
    server.revoke(&issuer, &[5]);
    verifier.verify(&revoked).await.unwrap();
    assert_eq!(server.fetches(), 1, "the list is good for 5 seconds");
    skip(5).await;
    eventually_revoked(&verifier, &revoked).await;
    verifier.verify(&unaffected).await.unwrap();
    assert_eq!(server.fetches(), 2);
}

#[tokio::test]
async fn any_status_but_0_is_a_revocation() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    let mut claims = issuer.status_list_claims(0, []);
    // The draft's example of 2 bits: 1, 2, 0, 3, …
    (claims.status_list.bits, claims.status_list.lst) = (2, "eNo76fITAAPfAgc".to_owned());
    server.publish(0, issuer.sign_status_list(&claims));
    let verifier = server.verifier(&issuer);
    for (idx, expected) in [(0, Some(REVOKED)), (1, Some(REVOKED)), (2, None), (3, Some(REVOKED)), (4, None)]
    {
        assert_eq!(verifier.verify(&token(&issuer, idx)).await.err(), expected, "{idx}");
    }
}

#[tokio::test]
async fn an_entry_that_does_not_exist_is_refused() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier = server.verifier(&issuer);
    let refused = TokenError::Claim { name: "status", fault: ClaimFault::Invalid };
    verifier.verify(&token(&issuer, (1 << 17) - 1)).await.unwrap();
    for idx in [1 << 17, u64::MAX] {
        assert_eq!(verifier.verify(&token(&issuer, idx)).await, Err(refused.into()));
    }
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn a_token_without_a_status_is_accepted_without_a_fetch() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    server.verifier(&issuer).verify(&issuer.user("alice").sign()).await.unwrap();
    assert_eq!(server.all_fetches(), 0);
}

#[tokio::test]
async fn without_revocation_no_list_is_fetched() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[5]);
    let verifier = server.builder(&issuer).without_revocation().build().unwrap();
    verifier.verify(&token(&issuer, 5)).await.unwrap();
    assert_eq!((server.key_fetches(), server.all_fetches()), (1, 0));
    let verifier = server.builder(&issuer).without_revocation().keys(issuer.keys()).build().unwrap();
    verifier.verify(&token(&issuer, 5)).await.unwrap();
    assert_eq!((server.key_fetches(), server.all_fetches()), (1, 0), "no contact at all");
}

#[tokio::test]
async fn with_fixed_keys_lists_are_fetched_all_the_same() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[5]);
    let verifier = server.builder(&issuer).keys(issuer.keys()).build().unwrap();
    assert_eq!(verifier.verify(&token(&issuer, 5)).await, Err(REVOKED));
    verifier.verify(&token(&issuer, 6)).await.unwrap();
    assert_eq!((server.key_fetches(), server.fetches()), (0, 1));
}

#[tokio::test]
async fn whatever_else_is_wrong_with_a_token_no_list_is_fetched_for_it() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier = server.verifier(&issuer);
    for forgery in forgeries(&issuer, AUDIENCE) {
        assert!(verifier.verify(&forgery.token).await.is_err(), "{}", forgery.name);
    }
    let good = || issuer.user("alice").status(0, 0);
    let stranger = TestIssuer::new(issuer.url()).with_audience(AUDIENCE);
    let bad = [
        good().expires_in(-60).sign(),
        good().audience("another-service").sign(),
        good().claim("roles", 1).sign(),
        stranger.user("alice").status(0, 0).sign(),
    ];
    for token in bad {
        assert!(verifier.verify(&token).await.is_err());
    }
    assert_eq!(server.all_fetches(), 0);
    verifier.verify(&good().sign()).await.unwrap();
}

#[tokio::test]
async fn callers_at_once_share_the_first_fetch() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    let jwt = issuer.status_list(0, [5]);
    server.answer_with(0, Answer::SlowList { jwt, delay: Duration::from_millis(200) });
    let verifier = server.verifier(&issuer);
    let tokens = Arc::new([token(&issuer, 5), token(&issuer, 6)]);
    let mut requests = JoinSet::new();
    for number in 0..50 {
        let (verifier, tokens) = (verifier.clone(), Arc::clone(&tokens));
        requests.spawn(async move { (number % 2, verifier.verify(&tokens[number % 2]).await) });
        if number == 25 {
            eventually("the first half waits for a fetch", || server.fetches() == 1).await;
        }
    }
    for (which, result) in requests.join_all().await {
        assert_eq!(result.err(), (which == 0).then_some(REVOKED));
    }
    assert_eq!(server.fetches(), 1);
    // The wishes of those who came late were fulfilled as well, and leave no fetch behind.
    skip(2).await;
    server.round_trip(&verifier, &issuer).await;
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_cancel_the_fetch() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    let jwt = issuer.status_list(0, []);
    server.answer_with(0, Answer::SlowList { jwt, delay: Duration::from_millis(200) });
    let verifier = server.verifier(&issuer);
    let token = token(&issuer, 5);
    let impatient = tokio::time::timeout(Duration::from_millis(50), verifier.verify(&token)).await;
    assert!(impatient.is_err(), "the answer takes longer than that");
    verifier.verify(&token).await.unwrap();
    assert_eq!(server.fetches(), 1);
}

#[tokio::test]
async fn a_list_is_refreshed_without_requests_too() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier = server.verifier(&issuer);
    let token = token(&issuer, 5);
    verifier.verify(&token).await.unwrap();
    server.revoke(&issuer, &[5]);
    for fetches in 2..5 {
        skip(5).await;
        eventually("the refresh", || server.fetches() == fetches).await;
    }
    assert_eq!(verifier.verify(&token).await, Err(REVOKED), "the very first request sees it");
}

/// ttl, age of `iat`, max-age, Age of the answer; when the next fetch is due.
#[tokio::test]
async fn a_copy_is_due_at_the_earliest_that_ttl_iat_and_http_say() {
    let cases = [
        (200, 0, None, None, 200),
        (200, 80, None, None, 120),
        (200, -4, None, None, 200),
        (200, -80, None, None, 200),
        (200, 0, Some(70), None, 70),
        (200, 0, Some(900), None, 200),
        (200, 0, Some(200), Some(110), 90),
        (200, 110, Some(200), Some(110), 90),
        (200, 150, Some(200), Some(110), 50),
    ];
    for case in cases {
        let (ttl, iat_age, max_age, age, due) = case;
        let clock = Clock::fixed_at(4_000_000_000_000);
        let issuer = issuer().with_clock(clock.clone());
        let server = ListServer::start(&issuer);
        let mut claims = issuer.status_list_claims(0, []);
        (claims.ttl, claims.iat) = (ttl, claims.iat - iat_age);
        let mut headers: Vec<_> = max_age
            .map(|max_age| ("cache-control", format!("public, max-age={max_age}")))
            .into_iter()
            .collect();
        headers.extend(age.map(|age: u32| ("age", age.to_string())));
        server.answer_with(0, Answer::List { jwt: issuer.sign_status_list(&claims), headers });
        let verifier = server.builder(&issuer).clock(clock).build().unwrap();
        verifier.verify(&token(&issuer, 5)).await.unwrap();
        skip(due - 1).await;
        server.round_trip(&verifier, &issuer).await;
        assert_eq!(server.fetches(), 1, "not before it is due: {case:?}");
        skip(1).await;
        eventually("the refresh", || server.fetches() == 2).await;
    }
}

#[tokio::test]
async fn no_list_is_fetched_more_than_once_a_second() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    for (number, ttl, iat_age) in [(0, 0, 0), (1, 1, 0), (2, 5, 3_000), (3, 0, 3_000)] {
        let mut claims = issuer.status_list_claims(number, []);
        (claims.ttl, claims.iat) = (ttl, claims.iat - iat_age);
        let headers = vec![("cache-control", "max-age=0".to_owned())];
        server.answer_with(number, Answer::List { jwt: issuer.sign_status_list(&claims), headers });
    }
    let verifier = server.verifier(&issuer);
    let tokens: Vec<_> = (0..4).map(|number| issuer.user("alice").status(number, 5).sign()).collect();
    let end = Instant::now() + Duration::from_millis(3_500);
    while Instant::now() < end {
        for token in &tokens {
            verifier.verify(token).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for number in 0..4 {
        let fetched_at = server.fetched_at(number);
        assert!((3..=4).contains(&fetched_at.len()), "list {number}: {}", fetched_at.len());
        for pair in fetched_at.windows(2) {
            assert!(pair[1] - pair[0] > Duration::from_millis(900), "list {number}: {:?}", pair[1] - pair[0]);
        }
    }
}

#[tokio::test]
async fn a_list_that_nobody_uses_for_its_lifetime_is_dropped() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    let mut claims = issuer.status_list_claims(0, []);
    claims.exp = claims.iat + 30;
    server.publish(0, issuer.sign_status_list(&claims));
    let verifier = server.verifier(&issuer);
    let token = token(&issuer, 5);
    verifier.verify(&token).await.unwrap();
    skip(20).await;
    eventually("the refresh", || server.fetches() == 2).await;
    verifier.verify(&token).await.unwrap();
    skip(25).await;
    eventually("it was used 25 seconds ago", || server.fetches() == 3).await;
    skip(6).await;
    server.round_trip(&verifier, &issuer).await;
    skip(600).await;
    server.round_trip(&verifier, &issuer).await;
    assert_eq!(server.fetches(), 3, "it was used 31 seconds ago");
    verifier.verify(&token).await.unwrap();
    assert_eq!(server.fetches(), 4);
}

#[tokio::test]
async fn a_list_may_be_signed_with_a_key_that_is_new() {
    let mut issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier = server.verifier(&issuer);
    let token = token(&issuer, 5);
    verifier.verify(&token).await.unwrap();
    issuer.rotate();
    server.publish_keys(&issuer);
    server.revoke(&issuer, &[5]);
    skip(5).await;
    eventually("the new key and the new list", || server.key_fetches() == 2 && server.fetches() == 2).await;
    let token = issuer.user("alice").status(0, 5).sign();
    eventually_revoked(&verifier, &token).await;
}

#[test]
fn a_list_outlives_the_runtime_it_was_fetched_on() {
    let issuer = issuer();
    let servers = tokio::runtime::Runtime::new().unwrap();
    let server = servers.block_on(async { ListServer::publishing(&issuer, &[]) });
    let verifier = server.builder(&issuer).keys(issuer.keys()).build().unwrap();
    let token = token(&issuer, 5);
    for fetches in [1, 2] {
        let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        worker.block_on(async {
            verifier.verify(&token).await.unwrap();
            // Each runtime has skipped time for itself.
            skip(20).await;
            eventually("the refresh", || server.fetches() > fetches).await;
        });
    }
    servers.block_on(server.stop());
}
