use std::time::Duration;

use serde_json::{Value, json};
use shared_claims::{
    AccessClaims, ClaimFault, Clock, MAX_KID_BYTES, MAX_TOKEN_BYTES, TokenError, TokenRules, UnverifiedToken,
    Verifier, VerifierError, VerifyError,
    testing::{TestIssuer, TokenBuilder},
};

use super::support::AUDIENCE;

const NOW: i64 = 1_800_000_000;

struct World {
    issuer: TestIssuer,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        let clock = Clock::fixed_at(NOW * 1000);
        let issuer =
            TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE).with_clock(clock.clone());
        Self { issuer, clock }
    }

    fn token(&self) -> TokenBuilder<'_> {
        self.issuer.user("alice")
    }

    /// How a verifier with that leeway judges a token at `ms` after the world's beginning.
    async fn judge(&self, token: &str, leeway: Duration, ms: i64) -> Result<AccessClaims, TokenError> {
        let verifier = Verifier::builder(self.issuer.url(), AUDIENCE)
            .keys(self.issuer.keys())
            .clock(self.clock.clone())
            .leeway(leeway)
            .without_revocation()
            .build()
            .unwrap();
        self.clock.set(NOW * 1000 + ms);
        verifier.verify(token).await.map_err(|error| match error {
            VerifyError::Invalid(error) => error,
            VerifyError::Unavailable { .. } => panic!("fixed keys are always available"),
        })
    }

    async fn accepts(&self, token: TokenBuilder<'_>) -> AccessClaims {
        self.judge(&token.sign(), Duration::ZERO, 0).await.unwrap()
    }

    async fn fault(&self, token: TokenBuilder<'_>) -> TokenError {
        self.judge(&token.sign(), Duration::ZERO, 0).await.unwrap_err()
    }
}

#[tokio::test]
async fn a_token_is_good_until_the_millisecond_before_exp_and_the_leeway() {
    let world = World::new();
    let token = world.token().expires_in(60).sign();
    for leeway_ms in [0, 1, 1_500, 5_000] {
        let leeway = Duration::from_millis(leeway_ms);
        let end = 60_000 + i64::try_from(leeway_ms).unwrap();
        assert!(world.judge(&token, leeway, end - 1).await.is_ok(), "{leeway_ms}");
        assert_eq!(world.judge(&token, leeway, end).await, Err(TokenError::Expired), "{leeway_ms}");
    }
}

#[tokio::test]
async fn a_token_is_good_from_nbf_and_iat_on_less_the_leeway() {
    let world = World::new();
    for claim in ["nbf", "iat"] {
        let token = world.token().claim(claim, NOW + 60).expires_in(600).sign();
        for leeway_ms in [0, 1, 1_500, 5_000] {
            let leeway = Duration::from_millis(leeway_ms);
            let start = 60_000 - i64::try_from(leeway_ms).unwrap();
            assert_eq!(
                world.judge(&token, leeway, start - 1).await,
                Err(TokenError::NotYetValid),
                "{claim} {leeway_ms}"
            );
            assert!(world.judge(&token, leeway, start).await.is_ok(), "{claim} {leeway_ms}");
        }
    }
}

#[tokio::test]
async fn the_default_leeway_is_five_seconds() {
    let world = World::new();
    let verifier = world.issuer.verifier(AUDIENCE);
    let token = world.token().expires_in(60).sign();
    world.clock.set((NOW + 60) * 1000 + 4_999);
    assert!(verifier.verify(&token).await.is_ok());
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(verifier.verify(&token).await, Err(TokenError::Expired.into()));
}

#[tokio::test]
async fn absurd_times_and_leeways_do_not_wrap_round() {
    let world = World::new();
    let forever = world.token().claim("exp", i64::MAX).sign();
    assert!(world.judge(&forever, Duration::ZERO, 0).await.is_ok());
    let rules = TokenRules::new(world.issuer.url(), AUDIENCE).clock(world.clock.clone());
    let token = UnverifiedToken::parse(&forever).unwrap();
    let keys = world.issuer.keys();
    assert!(token.verify(keys.get(token.kid()).unwrap(), &rules.leeway(Duration::MAX)).is_ok());
    let never = world.token().claim("nbf", i64::MAX).sign();
    assert_eq!(world.judge(&never, Duration::from_secs(5), 0).await, Err(TokenError::NotYetValid));
    let past = world.token().claim("exp", 0).sign();
    assert_eq!(world.judge(&past, Duration::from_secs(5), 0).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn fractional_dates_are_cut_off() {
    let world = World::new();
    let claims =
        world.accepts(world.token().claim("exp", json!(1_800_000_010.9)).claim("iat", json!(1.0))).await;
    assert_eq!((claims.exp, claims.iat), (1_800_000_010, 1));
}

#[tokio::test]
async fn typ_is_compared_without_regard_to_case() {
    let world = World::new();
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        world.accepts(world.token().header("typ", typ)).await;
    }
}

#[tokio::test]
async fn aud_may_be_one_string_or_have_others() {
    let world = World::new();
    for aud in [json!(AUDIENCE), json!([AUDIENCE]), json!(["another", AUDIENCE])] {
        let claims = world.accepts(world.token().claim("aud", aud)).await;
        assert!(serde_json::to_value(&claims).unwrap()["aud"].is_array());
    }
}

#[tokio::test]
async fn unknown_members_and_claims_are_ignored() {
    let world = World::new();
    let pointing = world.token().header("jku", "https://elsewhere.example").header("x", json!({ "y": [1] }));
    world.accepts(pointing.claim("x", json!(null)).claim("act", json!({ "sub": "x" }))).await;
}

#[tokio::test]
async fn deep_nesting_is_skipped_without_recursion() {
    let world = World::new();
    let (deep, kid) = (
        format!("{}{}", "[".repeat(1_000), "]".repeat(1_000)),
        world.issuer.jwks()["keys"][0]["kid"].clone(),
    );
    let header = format!(r#"{{"alg":"RS256","typ":"at+jwt","kid":{kid},"x":{deep}}}"#);
    let token = world.issuer.sign_raw(&header, format!(r#"{{"x":{deep}}}"#).as_bytes());
    assert!(token.len() > MAX_TOKEN_BYTES / 2, "as deep as a token can be");
    let result = world.judge(&token, Duration::ZERO, 0).await;
    assert!(result.is_err(), "it lacks every claim");
}

#[tokio::test]
async fn the_status_reference_is_carried() {
    let world = World::new();
    let status =
        json!({ "status_list": { "idx": 7, "uri": "https://auth.example.com/oauth/status-lists/1" } });
    let claims = world.accepts(world.token().claim("status", status.clone())).await;
    assert_eq!(serde_json::to_value(claims.status).unwrap(), status);
}

#[tokio::test]
async fn the_fault_is_named() {
    let world = World::new();
    let claim = |name, fault| TokenError::Claim { name, fault };
    let cases: [(&str, TokenBuilder<'_>, TokenError); 15] = [
        ("alg", world.token().header("alg", "none"), TokenError::Algorithm),
        ("typ", world.token().header("typ", "JWT"), TokenError::Type),
        ("kid", world.token().without_header("kid"), TokenError::KeyId),
        ("kid too long", world.token().header("kid", "k".repeat(MAX_KID_BYTES + 1)), TokenError::KeyId),
        ("unknown kid", world.token().header("kid", "k".repeat(MAX_KID_BYTES)), TokenError::UnknownKey),
        ("crit", world.token().header("crit", json!(["x"])), TokenError::Extension),
        ("header type", world.token().header("alg", 1), TokenError::Header),
        ("iss", world.token().claim("iss", "x"), TokenError::Issuer),
        ("aud", world.token().claim("aud", "x"), TokenError::Audience),
        ("long", world.token().claim("x", "x".repeat(MAX_TOKEN_BYTES)), TokenError::TooLong),
        ("no jti", world.token().without("jti"), claim("jti", ClaimFault::Missing)),
        ("exp type", world.token().claim("exp", "1"), claim("exp", ClaimFault::Invalid)),
        ("roles type", world.token().claim("roles", json!([1])), claim("roles", ClaimFault::Invalid)),
        ("no sid", world.token().without("sid"), claim("sid", ClaimFault::Missing)),
        ("client", world.token().claim("client_id", "svc"), claim("roles", ClaimFault::Unexpected)),
    ];
    for (name, token, fault) in cases {
        assert_eq!(world.fault(token).await, fault, "{name}");
    }
    let borrowed = world.issuer.service("svc").claim("sub", "id-of-alice");
    assert_eq!(world.fault(borrowed).await, claim("sub", ClaimFault::NotTheClient));
}

/// The description goes into a quoted string of a header, and must not carry what the sender chose.
#[tokio::test]
async fn fault_messages_need_no_escaping_and_repeat_nothing() {
    let world = World::new();
    let marked = "\"\\\u{1}marker";
    for name in ["iss", "aud", "scope", "exp", "sub", "client_id", "status"] {
        for value in [json!(marked), json!([marked]), json!({ marked: marked })] {
            let token = world.token().claim(name, value).sign();
            if let Err(fault) = world.judge(&token, Duration::ZERO, 0).await {
                let text = fault.to_string();
                assert!(!text.contains(['"', '\\']) && !text.contains("marker"), "{text}");
                assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_of_exactly_the_greatest_length_is_read() {
    let world = World::new();
    let fitting = (MAX_TOKEN_BYTES / 2..MAX_TOKEN_BYTES)
        .map(|length| world.token().claim("x", "x".repeat(length)))
        .map(|token| token.sign())
        .find(|token| token.len() >= MAX_TOKEN_BYTES - 1)
        .unwrap();
    assert!(fitting.len() <= MAX_TOKEN_BYTES, "{}", fitting.len());
    assert!(world.judge(&fitting, Duration::ZERO, 0).await.is_ok());
    let longer = format!("{fitting}{}", "A".repeat(MAX_TOKEN_BYTES + 1 - fitting.len()));
    assert_eq!(world.judge(&longer, Duration::ZERO, 0).await, Err(TokenError::TooLong));
}

#[test]
fn a_verifier_without_a_name_or_an_address_is_not_built() {
    let build = |issuer: &str, audience: &str| Verifier::builder(issuer, audience).build();
    assert!(matches!(build("", "x"), Err(VerifierError::Empty("issuer"))));
    assert!(matches!(build("https://a.example", ""), Err(VerifierError::Empty("audience"))));
    for issuer in ["auth.example.com", "ftp://auth.example.com", "https://", "file:///etc/passwd", "/x"] {
        assert!(matches!(build(issuer, "x"), Err(VerifierError::Url(_))), "{issuer}");
    }
    let secret = build("https://name:secret@auth.example.com", "x").unwrap_err();
    assert!(
        matches!(secret, VerifierError::Credentials) && !format!("{secret} {secret:?}").contains("secret")
    );
    let elsewhere = || Verifier::builder("not a url", "x").jwks_url("https://auth.example.com/keys");
    assert!(matches!(elsewhere().build(), Err(VerifierError::Url(_))), "where are its status lists?");
    assert!(elsewhere().without_revocation().build().is_ok());
    assert!(elsewhere().internal_url("https://auth.example.com").build().is_ok());
    let verifier = build("https://auth.example.com/tenant/", "x").unwrap();
    assert_eq!(verifier.issuer(), "https://auth.example.com/tenant/", "the issuer is kept byte for byte");
    assert_eq!(verifier.audience(), "x");
}

/// auth-server forgets a revoked token 60 seconds after its expiry.
#[test]
fn a_leeway_beyond_a_minute_is_refused() {
    let build = |ms| {
        let leeway = Duration::from_millis(ms);
        Verifier::builder("https://auth.example.com", "x").leeway(leeway).build()
    };
    assert!(build(60_000).is_ok());
    assert!(matches!(build(60_001), Err(VerifierError::Leeway)));
}

#[test]
fn verifying_can_be_spawned() {
    fn assert_send<T: Send>(_: T) {}
    let verifier = Verifier::builder("https://auth.example.com", "x").build().unwrap();
    assert_send(verifier.verify("x"));
    assert_send(verifier.warm_up());
}

#[test]
fn claims_survive_writing_and_reading() {
    let json = json!({
        "iss": "i", "sub": "s", "aud": ["a"], "exp": 2, "iat": 1, "jti": "j", "client_id": "s", "scope": "a b",
    });
    let claims: AccessClaims = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&claims).unwrap(), json, "absent claims stay absent, and none is null");
    assert!(serde_json::from_value::<AccessClaims>(Value::Null).is_err());
}

#[test]
fn the_issuer_itself_can_read_tokens_for_any_audience_and_nothing_else_is_let_through() {
    let world = World::new();
    let rules = || TokenRules::new(world.issuer.url(), AUDIENCE).clock(world.clock.clone());
    let judge = |token: TokenBuilder<'_>, rules: TokenRules| {
        let token = token.sign();
        let token = UnverifiedToken::parse(&token).unwrap();
        token.verify(world.issuer.keys().get(token.kid()).unwrap(), &rules).map(drop)
    };
    let elsewhere = || world.token().audience("elsewhere");
    assert_eq!(judge(elsewhere(), rules()), Err(TokenError::Audience));
    assert_eq!(judge(elsewhere(), rules().for_any_audience()), Ok(()));
    assert_eq!(judge(elsewhere().expires_in(-60), rules().for_any_audience()), Err(TokenError::Expired));
    let foreign = TokenRules::new("https://other.example.com", AUDIENCE).clock(world.clock.clone());
    assert_eq!(judge(elsewhere(), foreign.for_any_audience()), Err(TokenError::Issuer));
}
