//! Status lists whose issuer is slow or away.

use std::time::{Duration, Instant};

use shared_claims::{Clock, TokenError, Verifier, VerifyError, testing::TestIssuer};

use super::support::{AUDIENCE, Answer, ListServer, eventually, skip};

const REVOKED: VerifyError = VerifyError::Invalid(TokenError::Revoked);

fn issuer() -> TestIssuer {
    TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE)
}

fn token(issuer: &TestIssuer, idx: u64) -> String {
    issuer.user("alice").expires_in(100_000).status(0, idx).sign()
}

fn is_unavailable<T>(result: &Result<T, VerifyError>) -> bool {
    matches!(result, Err(VerifyError::Unavailable { retry_after }) if *retry_after >= Duration::from_secs(1))
}

async fn eventually_good(verifier: &Verifier, token: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while verifier.verify(token).await.is_err() {
        assert!(Instant::now() < deadline, "it does not recover");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A list that a good token has been checked with; the clock of issuer and verifier stands still.
struct InUse {
    clock: Clock,
    issuer: TestIssuer,
    server: ListServer,
    verifier: Verifier,
    token: String,
}

impl InUse {
    async fn new() -> Self {
        let clock = Clock::fixed_at(4_000_000_000_000);
        let issuer = issuer().with_clock(clock.clone());
        let server = ListServer::publishing(&issuer, &[]);
        let verifier = server.builder(&issuer).clock(clock.clone()).build().unwrap();
        let token = token(&issuer, 5);
        verifier.verify(&token).await.unwrap();
        Self { clock, issuer, server, verifier, token }
    }
}

#[tokio::test]
async fn requests_never_wait_for_a_list_that_was_used_before() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[5]);
    let verifier = server.verifier(&issuer);
    let (good, revoked) = (token(&issuer, 6), token(&issuer, 5));
    verifier.verify(&good).await.unwrap();
    for (number, answer) in [Answer::Hang, Answer::Status(500), Answer::Hang].into_iter().enumerate() {
        server.answer_with(0, answer);
        skip(6).await;
        eventually("the fetch is under way", || server.fetches() >= number + 2).await;
        let begin = Instant::now();
        for _ in 0..500 {
            verifier.verify(&good).await.unwrap();
            assert_eq!(verifier.verify(&revoked).await, Err(REVOKED));
        }
        let each = begin.elapsed() / 1_000;
        assert!(each < Duration::from_millis(1), "{each:?} for a look-up in memory");
    }
}

#[tokio::test]
async fn a_held_list_serves_through_an_outage_until_its_exp_and_recovers_with_its_issuer() {
    let InUse { clock, issuer, server, verifier, token } = InUse::new().await;
    server.answer_with(0, Answer::Status(500));
    skip(5).await;
    eventually("the outage is noticed", || server.fetches() == 2).await;
    clock.advance(Duration::from_millis(3_600_000 + 4_999));
    verifier.verify(&token).await.unwrap();
    clock.advance(Duration::from_millis(1));
    assert!(is_unavailable(&verifier.verify(&token).await), "exp and the leeway have passed");
    server.revoke(&issuer, &[]);
    assert!(is_unavailable(&verifier.verify(&token).await), "that is the refresher's to find out");
    skip(5).await;
    eventually_good(&verifier, &token).await;
}

#[tokio::test]
async fn a_list_that_expired_in_an_outage_is_refused_without_waiting() {
    let InUse { clock, issuer, server, verifier, token } = InUse::new().await;
    server.answer_with(0, Answer::Hang);
    for fetches in [2, 3] {
        skip(5).await;
        eventually("one fetch after the other hangs", || server.fetches() == fetches).await;
    }
    clock.advance(Duration::from_hours(2));
    let begin = Instant::now();
    for _ in 0..100 {
        assert!(is_unavailable(&verifier.verify(&token).await));
    }
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    server.revoke(&issuer, &[]);
    skip(5).await;
    eventually_good(&verifier, &token).await;
}

#[tokio::test]
async fn a_list_that_expired_before_any_refresh_failed_is_waited_for() {
    let InUse { clock, issuer, server, verifier, token } = InUse::new().await;
    clock.advance(Duration::from_hours(2));
    server.revoke(&issuer, &[]);
    verifier.verify(&token).await.unwrap();
    assert_eq!(server.fetches(), 2);
}

#[tokio::test]
async fn a_cold_verifier_asks_once_a_second_and_recovers_with_its_issuer() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    let verifier = server.verifier(&issuer);
    let token = token(&issuer, 5);
    for fetches in 1..4 {
        for _ in 0..20 {
            assert!(is_unavailable(&verifier.verify(&token).await));
        }
        assert_eq!(server.fetches(), fetches, "the failure is remembered for a second");
        skip(1).await;
    }
    server.revoke(&issuer, &[]);
    verifier.verify(&token).await.unwrap();
    assert_eq!(server.fetches(), 4);
}

#[tokio::test]
async fn nobody_fetches_a_list_that_could_not_be_had_unless_asked() {
    let issuer = issuer();
    let server = ListServer::start(&issuer);
    let verifier = server.verifier(&issuer);
    assert!(is_unavailable(&verifier.verify(&token(&issuer, 5)).await));
    for _ in 0..5 {
        skip(20).await;
        server.round_trip(&verifier, &issuer).await;
    }
    assert_eq!(server.fetches(), 1);
    server.revoke(&issuer, &[]);
    verifier.verify(&token(&issuer, 5)).await.unwrap();
}

#[tokio::test]
async fn failed_refreshes_back_off_no_further_than_the_ttl() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer, 5)).await.unwrap();
    server.answer_with(0, Answer::Status(503));
    skip(5).await;
    eventually("the first failure", || server.fetches() == 2).await;
    // After the first failure it waits for 1 second, then 2, 4, and 5: the ttl.
    for (fetches, pause) in [(2, 1), (3, 2), (4, 4), (5, 5), (6, 5)] {
        server.round_trip(&verifier, &issuer).await;
        assert_eq!(server.fetches(), fetches);
        skip(pause).await;
        eventually("the retry", || server.fetches() == fetches + 1).await;
    }
    server.revoke(&issuer, &[5]);
    server.round_trip(&verifier, &issuer).await;
    skip(5).await;
    let revoked = || async { verifier.verify(&token(&issuer, 5)).await == Err(REVOKED) };
    while !revoked().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_issuer_that_is_gone_leaves_what_was_seen_before() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[5]);
    let verifier = server.verifier(&issuer);
    let (good, revoked) = (token(&issuer, 6), token(&issuer, 5));
    verifier.verify(&good).await.unwrap();
    server.stop().await;
    for _ in 0..20 {
        skip(7).await;
        verifier.verify(&good).await.unwrap();
        assert_eq!(verifier.verify(&revoked).await, Err(REVOKED));
    }
    let never_seen = issuer.user("alice").status(1, 0).sign();
    assert!(is_unavailable(&verifier.verify(&never_seen).await));
}

/// The list's key is looked for like any other, and an unknown one must not keep the list's callers for longer than a
/// fetch may take.
#[tokio::test]
async fn a_list_whose_key_cannot_be_had_is_unavailable() {
    let (issuer, stranger) = (issuer(), issuer());
    let server = ListServer::start(&issuer);
    server.publish(0, stranger.status_list(0, []));
    let verifier = server.verifier(&issuer);
    assert!(is_unavailable(&verifier.verify(&token(&issuer, 5)).await));
    server.revoke(&issuer, &[]);
    skip(1).await;
    eventually_good(&verifier, &token(&issuer, 5)).await;
}
