//! When a source of tokens asks for one, and when it does not.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use shared_claims::TokenSource;
use tokio::{
    runtime,
    sync::Barrier,
    task::JoinSet,
    time::{Instant, timeout},
};

use super::support::{Answer, Reply, TokenServer, eventually, skip};

const LIFE: i64 = 300;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn text(tokens: &TokenSource) -> String {
    tokens.token().await.unwrap().as_str().to_owned()
}

#[tokio::test]
async fn a_token_is_fetched_at_first_use_and_not_again_while_it_has_plenty_of_life() {
    let server = TokenServer::start(Reply::Token(LIFE));
    let (tokens, clock) = server.source();
    assert_eq!(server.requests(), 0);
    for _ in 0..100 {
        assert_eq!(text(&tokens.clone()).await, "token-1");
        clock.advance(seconds(2));
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_callers_cause_one_request() {
    let server = TokenServer::start(Reply::SlowToken(Duration::from_millis(20)));
    for round in 1..=20 {
        let (tokens, _) = server.source();
        let all_at_once = Arc::new(Barrier::new(100));
        let mut callers = JoinSet::new();
        for _ in 0..100 {
            let (tokens, all_at_once) = (tokens.clone(), Arc::clone(&all_at_once));
            callers.spawn(async move {
                all_at_once.wait().await;
                text(&tokens).await
            });
        }
        let token = format!("token-{round}");
        assert!(callers.join_all().await.iter().all(|got| *got == token));
        assert_eq!(server.requests(), round);
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_cancel_the_fetch() {
    let server = TokenServer::start(Reply::SlowToken(Duration::from_millis(200)));
    let (tokens, _) = server.source();
    assert!(timeout(Duration::from_millis(50), tokens.token()).await.is_err(), "it takes longer than that");
    assert_eq!(text(&tokens).await, "token-1");
    assert_eq!(server.requests(), 1);
}

/// A worker of a server that stops takes its tasks with it.
#[tokio::test]
async fn a_fetch_that_ends_with_its_runtime_is_begun_anew_by_those_who_wait() {
    let server = TokenServer::start(Reply::Other(Answer::Hang));
    let (tokens, _) = server.source();
    let elsewhere = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let starter = tokens.clone();
    elsewhere.spawn(async move { starter.token().await });
    eventually("the fetch", || server.requests() == 1).await;
    let waiter = tokio::spawn({
        let tokens = tokens.clone();
        async move { text(&tokens).await }
    });
    tokio::task::yield_now().await;
    server.answer_with(Reply::Token(LIFE));
    elsewhere.shutdown_background();
    assert_eq!(timeout(seconds(3), waiter).await.unwrap().unwrap(), "token-1");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_token_with_little_life_left_is_given_at_once_and_renewed_in_the_background() {
    let server = TokenServer::start(Reply::Token(LIFE));
    let (tokens, clock) = server.source();
    assert_eq!(text(&tokens).await, "token-1");
    server.answer_with(Reply::SlowToken(Duration::from_millis(300)));
    clock.advance(seconds(226));
    let begin = Instant::now();
    for _ in 0..50 {
        assert_eq!(text(&tokens).await, "token-1");
    }
    assert!(begin.elapsed() < Duration::from_millis(200), "{:?}", begin.elapsed());
    eventually("the renewal", || server.requests() == 2).await;
    let deadline = Instant::now() + seconds(5);
    while text(&tokens).await == "token-1" {
        assert!(Instant::now() < deadline, "it is never renewed");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((text(&tokens).await.as_str(), server.requests()), ("token-2", 2));
}

#[tokio::test]
async fn an_expired_token_is_never_given_by_whichever_clock_it_expires() {
    let server = TokenServer::start(Reply::Token(LIFE));
    let (tokens, clock) = server.source();
    assert_eq!(text(&tokens).await, "token-1");
    // The process was suspended: its own time stood still.
    clock.advance(seconds(298));
    assert_eq!(text(&tokens).await, "token-2");
    // The machine's clock was set back.
    clock.set(0);
    skip(298).await;
    assert_eq!(text(&tokens).await, "token-3");
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn an_invalidated_token_is_forgotten_and_no_other() {
    let server = TokenServer::start(Reply::Token(LIFE));
    let (tokens, _) = server.source();
    let refused = tokens.token().await.unwrap();
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let (tokens, token) = (tokens.clone(), refused.clone());
        callers.spawn(async move {
            tokens.invalidate(&token);
            text(&tokens).await
        });
    }
    assert!(callers.join_all().await.iter().all(|token| token == "token-2"));
    // Somebody hears of the refusal late.
    tokens.invalidate(&refused);
    assert_eq!(text(&tokens).await, "token-2");
    assert_eq!(server.requests(), 2, "the second is not forgotten because of the first");
}

#[tokio::test]
async fn the_client_names_itself_as_rfc_6749_says_and_asks_for_what_it_was_told() {
    let server = TokenServer::start(Reply::Token(LIFE));
    let tokens = TokenSource::builder("https://auth.example.com", "a b:ü", "p+q%/=")
        .internal_url(format!("{}/", server.url))
        .scope("users:read posts:read".parse().unwrap())
        .audience("https://auth.example.com")
        .audience("b&c")
        .build()
        .unwrap();
    assert_eq!(tokens.token().await.unwrap().authorization(), "Bearer token-1");
    let asked = server.last_asked();
    // base64("a+b%3A%C3%BC:p%2Bq%25%2F%3D")
    assert_eq!(asked.authorization, "Basic YStiJTNBJUMzJUJDOnAlMkJxJTI1JTJGJTNE");
    assert_eq!(asked.content_type, "application/x-www-form-urlencoded");
    assert_eq!(
        asked.body,
        "grant_type=client_credentials&scope=posts%3Aread+users%3Aread&\
         audience=https%3A%2F%2Fauth.example.com&audience=b%26c"
    );
    let plain = server.builder().build().unwrap();
    plain.token().await.unwrap();
    assert_eq!(server.last_asked().body, "grant_type=client_credentials");
}

#[tokio::test]
async fn the_type_bearer_is_read_in_any_case() {
    for token_type in ["Bearer", "bearer", "BEARER"] {
        let answer = json!({ "access_token": "x", "token_type": token_type, "expires_in": 1, "scope": "a" });
        let server = TokenServer::start(Reply::Json(200, answer));
        assert_eq!(text(&server.source().0).await, "x");
    }
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_fetched() {
    let build = |issuer, id, secret| TokenSource::builder(issuer, id, secret).build().map(drop);
    for (issuer, id, secret, told) in [
        ("https://auth.example.com", "", "s", "id is empty"),
        ("https://auth.example.com", "i", "", "secret is empty"),
        ("auth.example.com", "i", "s", "auth.example.com is not an address"),
        ("https://", "i", "s", "is not an address"),
        ("ftp://auth.example.com", "i", "s", "is not an address"),
        ("https://i:s3cret@auth.example.com", "i", "s", "must not have a user name"),
    ] {
        let error = build(issuer, id, secret).unwrap_err().to_string();
        assert!(error.contains(told) && !error.contains("s3cret"), "{error}");
    }
}

#[tokio::test]
async fn neither_secret_nor_token_is_shown() {
    let server = TokenServer::start(Reply::Token(LIFE));
    let (tokens, _) = server.source();
    let token = tokens.token().await.unwrap();
    for shown in [format!("{:?}", server.builder()), format!("{tokens:?}"), format!("{token:?}")] {
        assert!(!shown.contains("s3cret") && !shown.contains("token-1"), "{shown}");
    }
    assert!(format!("{tokens:?}").contains("svc_notes"));
}

#[test]
fn without_a_runtime_the_error_says_so() {
    let tokens = TokenSource::builder("http://127.0.0.1:9", "i", "s").build().unwrap();
    let mut asking = std::pin::pin!(tokens.token());
    let polled = asking.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    let std::task::Poll::Ready(Err(error)) = polled else { panic!("{polled:?}") };
    assert!(error.to_string().contains("tokio"), "{error}");
}

#[test]
fn without_a_runtime_a_token_at_hand_serves_on_though_its_successor_is_due() {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (server, tokens, clock) = runtime.block_on(async {
        let server = TokenServer::start(Reply::Token(LIFE));
        let (tokens, clock) = server.source();
        assert_eq!(text(&tokens).await, "token-1");
        (server, tokens, clock)
    });
    clock.advance(seconds(280));
    let mut asking = std::pin::pin!(tokens.token());
    let polled = asking.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    let std::task::Poll::Ready(Ok(token)) = polled else { panic!("{polled:?}") };
    assert_eq!((token.as_str(), server.requests()), ("token-1", 1));
}
