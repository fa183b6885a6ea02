//! Tokens of keys that the set at hand does not have: few are new, most are forged.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinSet;

use super::{
    remote_keys::{UNKNOWN, flood, issuer, token, token_with_kid},
    support::{Answer, KeyServer, eventually, skip},
};

#[tokio::test]
async fn a_flood_of_unknown_kids_causes_one_fetch_per_cooldown() {
    let issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    for expected in [2, 3] {
        assert!(flood(&verifier, &issuer, 500).await.iter().all(|error| *error == UNKNOWN));
        assert_eq!(server.fetches(), expected);
        skip(20).await;
        flood(&verifier, &issuer, 50).await;
        assert_eq!(server.fetches(), expected, "the cooldown is 30 seconds");
        skip(11).await;
    }
    verifier.verify(&token(&issuer)).await.unwrap();
}

#[tokio::test]
async fn a_flood_on_a_cold_verifier_causes_one_fetch() {
    let issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    assert!(flood(&verifier, &issuer, 500).await.iter().all(|error| *error == UNKNOWN));
    flood(&verifier, &issuer, 50).await;
    assert_eq!(server.fetches(), 1);
    verifier.verify(&token(&issuer)).await.unwrap();
    assert_eq!(server.fetches(), 1);
}

/// What the issuer published while a fetch was under way may be missing from its answer.
#[tokio::test]
async fn a_key_that_is_published_during_a_slow_fetch_is_found_by_one_more() {
    let mut issuer = issuer();
    let delay = Duration::from_millis(300);
    let server = KeyServer::start(Answer::Slowly { jwks: issuer.jwks(), delay });
    let verifier = server.verifier(&issuer);
    for fetches in [1, 3] {
        let (first, token) = (verifier.clone(), token(&issuer));
        let first = tokio::spawn(async move { first.verify(&token).await });
        eventually("the slow fetch", || server.fetches() == fetches).await;
        issuer.rotate();
        server.publish(&issuer);
        let mut requests = JoinSet::new();
        let token = Arc::new(self::token(&issuer));
        for _ in 0..20 {
            let (verifier, token) = (verifier.clone(), Arc::clone(&token));
            requests.spawn(async move { verifier.verify(&token).await });
        }
        assert!(requests.join_all().await.iter().all(Result::is_ok), "none is told that the key is unknown");
        first.await.unwrap().unwrap();
        assert_eq!(server.fetches(), fetches + 1);
        // The next slow fetch is one that another new key has asked for.
        issuer.rotate();
        server.answer_with(Answer::Slowly { jwks: issuer.jwks(), delay });
    }
}

#[tokio::test]
async fn a_flood_during_a_slow_refresh_costs_one_fetch_and_the_cooldown_begins_with_its_end() {
    let issuer = issuer();
    let server = KeyServer::start(Answer::Keys { jwks: issuer.jwks(), max_age: 100 });
    let verifier = server.verifier(&issuer);
    verifier.verify(&token(&issuer)).await.unwrap();
    server.answer_with(Answer::Slowly { jwks: issuer.jwks(), delay: Duration::from_millis(300) });
    skip(80).await;
    eventually("the refresh", || server.fetches() == 2).await;
    assert!(flood(&verifier, &issuer, 200).await.iter().all(|error| *error == UNKNOWN));
    assert_eq!(server.fetches(), 3, "the refresh was nobody's, and the flood has asked for one");
    flood(&verifier, &issuer, 200).await;
    assert_eq!(server.fetches(), 3);
}

/// Measured with threads of their own, so that what the forged tokens cost is only what they share with the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_unknown_kids_does_not_slow_good_tokens() {
    let issuer = issuer();
    let server = KeyServer::publishing(&issuer);
    let verifier = server.verifier(&issuer);
    let good = token(&issuer);
    verifier.verify(&good).await.unwrap();
    server.answer_with(Answer::Slowly { jwks: issuer.jwks(), delay: Duration::from_millis(500) });
    let forged: Vec<_> = (0..100).map(|n| token_with_kid(&issuer, &format!("unknown-{n}"))).collect();
    let is_over = Arc::new(AtomicBool::new(false));
    let flooding: Vec<_> = forged
        .into_iter()
        .map(|token| {
            let (verifier, is_over) = (verifier.clone(), Arc::clone(&is_over));
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(verifier.verify(&token).await, Err(UNKNOWN));
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    eventually("the fetch that the flood asks for", || server.fetches() == 2).await;
    let mut took: Vec<Duration> = Vec::new();
    for _ in 0..2_000 {
        let begin = std::time::Instant::now();
        verifier.verify(&good).await.unwrap();
        took.push(begin.elapsed());
    }
    is_over.store(true, Ordering::Relaxed);
    for task in flooding {
        task.await.unwrap();
    }
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    assert!(p99 < Duration::from_millis(50), "{p99:?}");
    assert_eq!(server.fetches(), 2, "the whole flood is within one cooldown");
}
