//! What callers of a source of tokens are told when there is none, and how often the server is asked meanwhile.

use std::time::Duration;

use serde_json::json;
use shared_claims::{TokenSource, TokenSourceError};
use tokio::time::{Instant, timeout};

use super::support::{Answer, Reply, TokenServer, eventually, skip};

async fn failure(tokens: &TokenSource) -> TokenSourceError {
    tokens.token().await.unwrap_err()
}

fn refusal(status: u16, error: &str) -> Reply {
    Reply::Json(status, json!({ "error": error, "error_description": "no such client" }))
}

#[tokio::test]
async fn a_refusal_tells_what_the_server_said_and_what_to_check() {
    for (status, code, advice) in [
        (401, "invalid_client", "id and secret"),
        (400, "invalid_scope", "which scopes"),
        (400, "invalid_target", "audience"),
        (400, "unauthorized_client", "client_credentials"),
        (400, "unsupported_grant_type", "client_credentials"),
        (403, "something_else", "no such client"),
    ] {
        let server = TokenServer::start(refusal(status, code));
        let error = failure(&server.source().0).await;
        assert!(matches!(&error, TokenSourceError::Refused { error, .. } if error == code), "{error:?}");
        let told = error.to_string();
        assert!(told.contains(code) && told.contains("(no such client)") && told.contains(advice), "{told}");
    }
}

#[tokio::test]
async fn the_servers_words_cannot_forge_a_line_of_the_log() {
    let words = format!("no\r\n2026-01-01 \u{1b}[31mERROR \"x\" é{}", "y".repeat(10_000));
    let server = TokenServer::start(Reply::Json(400, json!({ "error": "a\nb", "error_description": words })));
    let told = failure(&server.source().0).await.to_string();
    assert!(told.contains("no2026-01-01 [31mERROR x y") && told.len() < 400, "{told}");
    assert!(told.chars().all(|c| matches!(c, ' '..='~')), "{told}");
}

#[tokio::test]
async fn who_cannot_answer_now_is_unavailable() {
    for reply in [
        Reply::ComeBack(503, "3"),
        Reply::ComeBack(500, "3"),
        Reply::ComeBack(429, "3"),
        Reply::Other(Answer::Status(502)),
        refusal(400, "temporarily_unavailable"),
        refusal(400, "server_error"),
    ] {
        let waits = if matches!(reply, Reply::ComeBack(..)) { 2..=3 } else { 1..=1 };
        let server = TokenServer::start(reply);
        let error = failure(&server.source().0).await;
        assert!(matches!(error, TokenSourceError::Unavailable { .. }), "{error:?}");
        assert!(waits.contains(&error.retry_after().as_secs()), "{error:?}");
    }
    let server = TokenServer::start(Reply::Token(300));
    server.stop().await;
    let error = failure(&server.source().0).await;
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(matches!(error, TokenSourceError::Unavailable { .. }), "{error:?}");
    assert!(cause.contains("refused"), "{cause}");
}

#[tokio::test]
async fn a_fetch_takes_five_seconds_at_the_most() {
    let server = TokenServer::start(Reply::Other(Answer::Hang));
    let (tokens, _) = server.source();
    let asking = tokio::spawn({
        let tokens = tokens.clone();
        async move { failure(&tokens).await }
    });
    eventually("the fetch", || server.requests() == 1).await;
    skip(4).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!asking.is_finished());
    skip(1).await;
    let error = timeout(Duration::from_secs(2), asking).await.expect("it is over").unwrap();
    assert!(matches!(error, TokenSourceError::Unavailable { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_no_token_response_is_refused_and_kept_out() {
    let answer = |token: &str, token_type: &str, expires_in: serde_json::Value| {
        Reply::Json(200, json!({ "access_token": token, "token_type": token_type, "expires_in": expires_in }))
    };
    for reply in [
        answer("x", "mac", json!(300)),
        answer("x", "", json!(300)),
        answer("x", "Bearer", json!(0)),
        answer("x", "Bearer", json!(-1)),
        answer("x", "Bearer", json!("300")),
        answer("x", "Bearer", json!(null)),
        answer("", "Bearer", json!(300)),
        answer("x\r\nX-Admin: 1", "Bearer", json!(300)),
        answer(&"x".repeat(40_000), "Bearer", json!(300)),
        Reply::Json(200, json!({ "token_type": "Bearer", "expires_in": 300 })),
        Reply::Json(201, json!({ "access_token": "x", "token_type": "Bearer", "expires_in": 300 })),
        Reply::Json(200, json!([])),
        Reply::Other(Answer::Body("<html>".to_owned())),
        Reply::Other(Answer::Endless),
        Reply::Other(Answer::Status(404)),
        Reply::Json(404, json!({ "error": 404 })),
    ] {
        let server = TokenServer::start(reply.clone());
        let error = failure(&server.source().0).await;
        assert!(matches!(error, TokenSourceError::Malformed { .. }), "{error:?}");
        assert!(error.to_string().contains("check the server's address"), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_secret() {
    let elsewhere = TokenServer::start(Reply::Token(300));
    let to = format!("{}/oauth/token", elsewhere.url);
    let server = TokenServer::start(Reply::Redirect(to));
    assert!(matches!(failure(&server.source().0).await, TokenSourceError::Malformed { .. }));
    assert_eq!(elsewhere.requests(), 0);
}

#[tokio::test]
async fn after_a_failure_callers_get_the_same_error_at_once_until_the_pause_is_over() {
    let server = TokenServer::start(refusal(401, "invalid_client"));
    let (tokens, _) = server.source();
    for (failures, pause) in [(1, 1), (2, 2), (3, 4)] {
        let begin = Instant::now();
        for _ in 0..50 {
            assert!(matches!(failure(&tokens).await, TokenSourceError::Refused { .. }));
        }
        assert_eq!(server.requests(), failures);
        assert!(begin.elapsed() < Duration::from_millis(900), "{:?}", begin.elapsed());
        skip(pause).await;
    }
    server.answer_with(Reply::Token(300));
    assert_eq!(tokens.token().await.unwrap().as_str(), "token-1");
}

#[tokio::test]
async fn retry_after_keeps_the_source_away() {
    let server = TokenServer::start(Reply::ComeBack(429, "20"));
    let (tokens, _) = server.source();
    failure(&tokens).await;
    server.answer_with(Reply::Token(300));
    skip(18).await;
    let error = failure(&tokens).await;
    assert_eq!((error.retry_after().as_secs(), server.requests()), (1, 1));
    skip(2).await;
    assert_eq!(tokens.token().await.unwrap().as_str(), "token-1");
}

#[tokio::test]
async fn a_token_that_lives_serves_on_through_an_outage() {
    let server = TokenServer::start(Reply::Token(300));
    let (tokens, _) = server.source();
    tokens.token().await.unwrap();
    server.answer_with(Reply::ComeBack(503, "1"));
    skip(230).await;
    for requests in [2, 3] {
        assert_eq!(tokens.token().await.unwrap().as_str(), "token-1");
        eventually("a try to renew it", || server.requests() == requests).await;
        // The failure is noted a moment after it was answered.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(tokens.token().await.unwrap().as_str(), "token-1");
        skip(10).await;
    }
    skip(60).await;
    assert!(matches!(failure(&tokens).await, TokenSourceError::Unavailable { .. }));
    server.answer_with(Reply::Token(300));
    skip(10).await;
    assert_eq!(tokens.token().await.unwrap().as_str(), "token-2");
}
