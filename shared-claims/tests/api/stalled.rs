//! Refreshers that do not run when they should: what they have left behind is not taken for fresh.

use std::time::{Duration, Instant};

use shared_claims::{TokenError, Verifier, VerifyError, testing::TestIssuer};
use tokio::{runtime::Runtime, time::timeout};

use super::{
    remote_keys::{UNKNOWN, issuer, token},
    support::{Answer, KeyServer, ListServer, eventually, skip},
};

const REVOKED: VerifyError = VerifyError::Invalid(TokenError::Revoked);
/// ttl and max-age here are a second. With the second that a refresher may be late, and a little more.
const TOO_LATE: Duration = Duration::from_millis(2_100);

fn with_status(issuer: &TestIssuer, idx: u64) -> String {
    issuer.user("alice").expires_in(100_000).status(0, idx).sign()
}

fn publish_for_a_second(server: &ListServer, issuer: &TestIssuer, revoked: &[usize]) {
    let mut claims = issuer.status_list_claims(0, revoked.iter().copied());
    claims.ttl = 1;
    server.publish(0, issuer.sign_status_list(&claims));
}

/// A runtime that runs only while a request does, as in a program that is not asynchronous itself.
fn driven_by_requests() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn servers() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

#[test]
fn a_revocation_is_seen_by_the_first_request_after_the_ttl_and_a_second() {
    let (servers, worker, issuer) = (servers(), driven_by_requests(), issuer());
    let server = servers.block_on(async { ListServer::start(&issuer) });
    publish_for_a_second(&server, &issuer, &[]);
    let verifier = server.verifier(&issuer);
    let (early, late, good) = (with_status(&issuer, 5), with_status(&issuer, 6), with_status(&issuer, 7));
    let verify = |token: &str| worker.block_on(verifier.verify(token)).map(drop);
    verify(&early).unwrap();
    publish_for_a_second(&server, &issuer, &[5]);
    std::thread::sleep(TOO_LATE);
    assert_eq!(verify(&early), Err(REVOKED));
    // A failure leaves the copy in use, and does not hide what comes after it.
    server.answer_with(0, Answer::Status(500));
    std::thread::sleep(TOO_LATE);
    assert_eq!(verify(&late), Ok(()));
    publish_for_a_second(&server, &issuer, &[5, 6]);
    std::thread::sleep(TOO_LATE);
    assert_eq!(verify(&late), Err(REVOKED));
    assert_eq!(verify(&good), Ok(()));
    servers.block_on(server.stop());
}

#[test]
fn a_removed_key_is_seen_by_the_first_request_after_the_max_age_and_a_second() {
    let (servers, worker, mut issuer) = (servers(), driven_by_requests(), issuer());
    let keys_for_a_second = |issuer: &TestIssuer| Answer::Keys { jwks: issuer.jwks(), max_age: 1 };
    let server = servers.block_on(async { KeyServer::start(keys_for_a_second(&issuer)) });
    let verifier = server.verifier(&issuer);
    let leaked = token(&issuer);
    let verify = |token: &str| worker.block_on(verifier.verify(token)).map(drop);
    verify(&leaked).unwrap();
    server.answer_with(Answer::Status(500));
    std::thread::sleep(TOO_LATE);
    assert_eq!(verify(&leaked), Ok(()), "after a failure the set at hand serves on");
    issuer.rotate();
    server.answer_with(keys_for_a_second(&issuer));
    std::thread::sleep(TOO_LATE);
    assert_eq!(verify(&leaked), Err(UNKNOWN));
    verify(&token(&issuer)).unwrap();
    servers.block_on(server.stop());
}

async fn is_fast(verifier: &Verifier, token: &str) {
    for _ in 0..100 {
        timeout(Duration::from_millis(500), verifier.verify(token)).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_fetch_that_is_under_way_is_not_waited_for_however_late_it_is() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier = server.verifier(&issuer);
    let token = with_status(&issuer, 5);
    verifier.verify(&token).await.unwrap();
    server.answer_with(0, Answer::Hang);
    skip(5).await;
    eventually("the refresh", || server.fetches() == 2).await;
    skip(3).await;
    is_fast(&verifier, &token).await;
    assert_eq!(server.fetches(), 2, "it has not ended");
}

#[tokio::test]
async fn a_fetch_of_keys_that_is_under_way_is_not_waited_for_however_late_it_is() {
    let issuer = issuer();
    let server = KeyServer::start(Answer::Keys { jwks: issuer.jwks(), max_age: 5 });
    let verifier = server.verifier(&issuer);
    let token = token(&issuer);
    verifier.verify(&token).await.unwrap();
    server.answer_with(Answer::Hang);
    skip(4).await;
    eventually("the refresh", || server.fetches() == 2).await;
    skip(3).await;
    is_fast(&verifier, &token).await;
    assert_eq!(server.fetches(), 2, "it has not ended");
}

/// The refresher begins a fetch in its last moment, and nobody drives it to its end.
#[test]
fn a_fetch_that_takes_longer_than_it_can_is_waited_for() {
    let (servers, worker, issuer) = (servers(), driven_by_requests(), issuer());
    let server = servers.block_on(async { ListServer::publishing(&issuer, &[]) });
    let verifier = server.verifier(&issuer);
    let token = with_status(&issuer, 5);
    worker.block_on(async {
        verifier.verify(&token).await.unwrap();
        server.answer_with(0, Answer::Hang);
        skip(5).await;
        eventually("the refresh", || server.fetches() == 2).await;
    });
    server.revoke(&issuer, &[5]);
    std::thread::sleep(Duration::from_millis(6_200));
    // That fetch has failed; the next is waited for once it is late in turn.
    let begin = Instant::now();
    while worker.block_on(verifier.verify(&token)) != Err(REVOKED) {
        assert!(begin.elapsed() < Duration::from_secs(5), "the revocation was not seen");
        std::thread::sleep(Duration::from_millis(50));
    }
    servers.block_on(server.stop());
}
