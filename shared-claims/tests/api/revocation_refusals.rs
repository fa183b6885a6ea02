//! What never replaces a good status list, and what is not taken for one in the first place.

use std::time::Duration;

use serde_json::json;
use shared_claims::{
    Clock, StatusList, StatusListClaims, TokenError, Verifier, VerifyError, testing::TestIssuer,
};

use super::support::{AUDIENCE, Answer, ListServer, eventually, skip};

const REVOKED: VerifyError = VerifyError::Invalid(TokenError::Revoked);

fn issuer() -> TestIssuer {
    TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE)
}

fn token(issuer: &TestIssuer, idx: u64) -> String {
    issuer.user("alice").expires_in(100_000).status(0, idx).sign()
}

fn plain(jwt: String) -> Answer {
    Answer::List { jwt, headers: Vec::new() }
}

/// The issuer's list in which nothing is revoked, with something changed.
fn changed(issuer: &TestIssuer, change: impl FnOnce(&mut StatusListClaims)) -> Answer {
    let mut claims = issuer.status_list_claims(0, []);
    change(&mut claims);
    plain(issuer.sign_status_list(&claims))
}

/// The same with another header.
fn with_header(issuer: &TestIssuer, header: &[(&str, serde_json::Value)]) -> Answer {
    let kid = issuer.jwks()["keys"][0]["kid"].clone();
    let mut all = json!({ "typ": "statuslist+jwt", "alg": "RS256", "kid": kid });
    for (name, value) in header {
        all[*name] = value.clone();
    }
    let claims = json!(issuer.status_list_claims(0, []));
    plain(issuer.sign_raw(&all.to_string(), claims.to_string().as_bytes()))
}

fn wrong_transport(issuer: &TestIssuer, elsewhere: &ListServer) -> Vec<(&'static str, Answer)> {
    let good = issuer.status_list(0, []);
    vec![
        ("nothing", Answer::Body(String::new())),
        ("garbage", Answer::Body("\u{0}\u{1}garbage".to_owned())),
        ("HTML", Answer::Body("<!doctype html><title>login</title>".to_owned())),
        ("JSON", Answer::Body(json!({ "status_list": { "bits": 1, "lst": "x" } }).to_string())),
        ("half a list", plain(good[..good.len() / 2].to_owned())),
        ("a list and more", plain(format!("{good}x"))),
        ("two lists", plain(format!("{good}\n{good}"))),
        ("a huge answer", plain(format!("{good}{}", " ".repeat(256 * 1024)))),
        ("an endless answer", Answer::Endless),
        ("no answer", Answer::Hang),
        ("a late answer", Answer::SlowList { jwt: good, delay: Duration::from_mins(1) }),
        ("not found", Answer::Status(404)),
        ("an error", Answer::Status(500)),
        ("no content", Answer::Status(204)),
        ("a redirect", Answer::Redirect(format!("{}/oauth/status-lists/0", elsewhere.url))),
    ]
}

fn wrong_signature(issuer: &TestIssuer) -> Vec<(&'static str, Answer)> {
    let stranger = TestIssuer::new(issuer.url());
    let kid = issuer.jwks()["keys"][0]["kid"].clone();
    let unsigned = {
        let Answer::List { jwt, .. } = with_header(issuer, &[("alg", json!("none"))]) else { unreachable!() };
        jwt.rsplit_once('.').unwrap().0.to_owned() + "."
    };
    vec![
        ("signed by a stranger", plain(stranger.status_list(0, []))),
        ("signed by a stranger in our name", with_header(&stranger, &[("kid", kid)])),
        ("not signed", plain(unsigned)),
        ("alg none", with_header(issuer, &[("alg", json!("none"))])),
        ("alg HS256", with_header(issuer, &[("alg", json!("HS256"))])),
        ("alg PS256", with_header(issuer, &[("alg", json!("PS256"))])),
        ("a demand", with_header(issuer, &[("crit", json!(["exp"]))])),
        ("no kid", with_header(issuer, &[("kid", json!(null))])),
    ]
}

fn wrong_claims(issuer: &TestIssuer) -> Vec<(&'static str, Answer)> {
    let now = issuer.status_list_claims(0, []).iat;
    let bomb = StatusList::with_invalid(16 * 8 * 1024 * 1024, []).encode();
    vec![
        ("an access token", plain(token(issuer, 0))),
        ("typ of an access token", with_header(issuer, &[("typ", json!("at+jwt"))])),
        ("typ JWT", with_header(issuer, &[("typ", json!("JWT"))])),
        ("typ of a list in CBOR", with_header(issuer, &[("typ", json!("statuslist+cwt"))])),
        ("another list's sub", changed(issuer, |claims| claims.sub = issuer.status_list_url(1))),
        ("a sub that begins alike", changed(issuer, |claims| claims.sub.push('0'))),
        ("expired", changed(issuer, |claims| (claims.iat, claims.exp) = (now - 60, now - 6))),
        ("over before it began", changed(issuer, |claims| (claims.iat, claims.exp) = (now + 1, now + 1))),
        ("the same, from the future", changed(issuer, |claims| claims.iat = claims.exp + 1)),
        ("older than ours", changed(issuer, |claims| claims.iat = now - 120)),
        ("bits 3", changed(issuer, |claims| claims.status_list.bits = 3)),
        ("bits 0", changed(issuer, |claims| claims.status_list.bits = 0)),
        ("bits 16", changed(issuer, |claims| claims.status_list.bits = 16)),
        ("no zlib", changed(issuer, |claims| "AAAA".clone_into(&mut claims.status_list.lst))),
        ("half a list of bits", changed(issuer, |claims| claims.status_list.lst.truncate(12))),
        ("too long to be read to its end", {
            let mut claims = json!(issuer.status_list_claims(0, []));
            claims["padding"] = json!(" ".repeat(200 * 1024));
            let kid = issuer.jwks()["keys"][0]["kid"].clone();
            let header = json!({ "typ": "statuslist+jwt", "alg": "RS256", "kid": kid });
            plain(issuer.sign_raw(&header.to_string(), claims.to_string().as_bytes()))
        }),
        ("a zlib bomb", changed(issuer, |claims| claims.status_list.lst = bomb)),
        ("claims in an array", {
            let claims = format!("[{}]", json!(issuer.status_list_claims(0, [])));
            let kid = issuer.jwks()["keys"][0]["kid"].clone();
            let header = json!({ "typ": "statuslist+jwt", "alg": "RS256", "kid": kid });
            plain(issuer.sign_raw(&header.to_string(), claims.as_bytes()))
        }),
    ]
}

/// Lets a refresh begin, and another: then the first has ended.
async fn two_refreshes(server: &ListServer) {
    for _ in 0..2 {
        let before = server.fetches();
        skip(6).await;
        eventually("the refresh", || server.fetches() > before).await;
    }
}

async fn never_replaces_a_good_list(issuer: &TestIssuer, bad: Vec<(&'static str, Answer)>) {
    for (name, answer) in bad {
        let server = ListServer::publishing(issuer, &[5]);
        let verifier = server.verifier(issuer);
        assert_eq!(verifier.verify(&token(issuer, 5)).await, Err(REVOKED));
        server.answer_with(0, answer.clone());
        two_refreshes(&server).await;
        assert_eq!(verifier.verify(&token(issuer, 5)).await, Err(REVOKED), "{name}");
        verifier.verify(&token(issuer, 6)).await.unwrap();
        // And once the issuer is itself again, nothing is left of it.
        server.revoke(issuer, &[5, 6]);
        skip(10).await;
        let refused = || async { verifier.verify(&token(issuer, 6)).await == Err(REVOKED) };
        while !refused().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test]
async fn what_is_not_a_lists_jwt_never_replaces_a_good_list() {
    let issuer = issuer();
    let elsewhere = ListServer::publishing(&issuer, &[]);
    never_replaces_a_good_list(&issuer, wrong_transport(&issuer, &elsewhere)).await;
    assert_eq!(elsewhere.all_fetches(), 0, "a redirect is not followed");
}

#[tokio::test]
async fn what_the_issuer_has_not_signed_never_replaces_a_good_list() {
    let issuer = issuer();
    never_replaces_a_good_list(&issuer, wrong_signature(&issuer)).await;
}

#[tokio::test]
async fn what_the_issuer_has_signed_for_something_else_never_replaces_a_good_list() {
    let issuer = issuer();
    never_replaces_a_good_list(&issuer, wrong_claims(&issuer)).await;
}

/// Newer than ours, so its expiry alone speaks against it.
#[tokio::test]
async fn a_newer_list_that_has_expired_never_replaces_a_good_list() {
    let clock = Clock::fixed_at(4_000_000_000_000);
    let issuer = issuer().with_clock(clock.clone());
    let server = ListServer::publishing(&issuer, &[5]);
    let verifier = server.builder(&issuer).clock(clock.clone()).build().unwrap();
    assert_eq!(verifier.verify(&token(&issuer, 5)).await, Err(REVOKED));
    let expired = changed(&issuer, |claims| (claims.iat, claims.exp) = (claims.iat + 1, claims.iat + 10));
    server.answer_with(0, expired);
    clock.advance(Duration::from_mins(1));
    two_refreshes(&server).await;
    assert_eq!(verifier.verify(&token(&issuer, 5)).await, Err(REVOKED));
    verifier.verify(&token(&issuer, 6)).await.unwrap();
}

/// A cold verifier has nothing to prefer: it must refuse by itself, and say that the token may be good.
#[tokio::test]
async fn what_is_no_good_list_is_not_taken_by_a_cold_verifier_either() {
    let issuer = issuer();
    let elsewhere = ListServer::publishing(&issuer, &[]);
    let groups = [wrong_transport(&issuer, &elsewhere), wrong_signature(&issuer), wrong_claims(&issuer)];
    let takes_long = ["no answer", "a late answer", "older than ours"];
    for (name, answer) in groups.into_iter().flatten().filter(|(name, _)| !takes_long.contains(name)) {
        let server = ListServer::start(&issuer);
        server.answer_with(0, answer);
        let result = server.verifier(&issuer).verify(&token(&issuer, 6)).await;
        assert!(matches!(result, Err(VerifyError::Unavailable { .. })), "{name}: {result:?}");
        assert_eq!(server.fetches(), 1, "{name}");
    }
}

/// The issuer's clock may be ahead of ours. If its lists were refused for that, no revocation would be seen.
#[tokio::test]
async fn a_list_from_the_future_is_taken_and_locks_out_none_that_comes_after_it() {
    let clock = Clock::fixed_at(4_000_000_000_000);
    let issuer = issuer().with_clock(clock.clone());
    let server = ListServer::publishing(&issuer, &[5]);
    let verifier = server.builder(&issuer).clock(clock).build().unwrap();
    assert_eq!(verifier.verify(&token(&issuer, 5)).await, Err(REVOKED));
    let mut from_the_future = issuer.status_list_claims(0, [5, 6]);
    from_the_future.iat += 600;
    server.publish(0, issuer.sign_status_list(&from_the_future));
    two_refreshes(&server).await;
    assert_eq!(verifier.verify(&token(&issuer, 6)).await, Err(REVOKED));
    server.revoke(&issuer, &[5, 7]);
    two_refreshes(&server).await;
    assert_eq!(verifier.verify(&token(&issuer, 7)).await, Err(REVOKED));
    verifier.verify(&token(&issuer, 6)).await.unwrap();
}

/// Otherwise the tables above would prove nothing.
#[tokio::test]
async fn the_list_that_they_are_made_from_is_taken() {
    let issuer = issuer();
    let types = ["statuslist+jwt", "application/statuslist+jwt", "StatusList+JWT"];
    for answer in types.iter().map(|typ| with_header(&issuer, &[("typ", json!(typ))])) {
        let server = ListServer::start(&issuer);
        server.answer_with(0, answer);
        server.verifier(&issuer).verify(&token(&issuer, 6)).await.unwrap();
    }
    let server = ListServer::start(&issuer);
    server.answer_with(0, changed(&issuer, |claims| claims.exp = claims.iat + 1));
    server.verifier(&issuer).verify(&token(&issuer, 6)).await.unwrap();
}

/// The issuer's name is public, so everybody can try; the number of fetches tells that nobody followed.
#[tokio::test]
async fn an_address_that_is_not_exactly_a_list_of_the_issuer_is_refused_without_a_fetch() {
    let issuer = issuer();
    let server = ListServer::publishing(&issuer, &[]);
    let verifier: Verifier = server.verifier(&issuer);
    let good = issuer.status_list_url(0);
    let uris = [
        format!("{}/oauth/status-lists/0", server.url),
        good.replace("/0", "/00"),
        good.replace("/0", "/+0"),
        good.replace("/0", "/../status-lists/0"),
        format!("{good}/"),
        format!("{good}?"),
        format!("{good}#"),
        good.replace("https", "http"),
        good.replace("auth.", "auth.example.net/"),
    ];
    for uri in uris {
        let status = json!({ "status_list": { "idx": 0, "uri": uri } });
        let refusal = verifier.verify(&issuer.user("alice").claim("status", status).sign()).await;
        assert!(
            matches!(refusal, Err(VerifyError::Invalid(TokenError::Claim { name: "status", .. }))),
            "{uri}"
        );
    }
    assert_eq!(server.all_fetches(), 0);
    verifier.verify(&token(&issuer, 0)).await.unwrap();
}
