use std::fmt;

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::crypto::aws_lc;
use serde_json::{Value, json};

use super::TokenBuilder;
use crate::{
    Clock, FIRST_PARTY_CLIENT_ID, KeySet, RsaJwk, STATUS_LIST_TYPE, StatusList, StatusListClaims,
    VerificationKey, Verifier,
};

/// As many entries as auth-server's lists have.
const STATUS_LIST_LEN: usize = 1 << 17;

/// An issuer of access tokens with a key of its own, made for this test.
///
/// ```
/// use shared_claims::{TokenError, VerifyError, testing::TestIssuer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let issuer = TestIssuer::new("https://auth.example.com").with_audience("my-service");
/// let verifier = issuer.verifier("my-service");
///
/// let token = issuer.user("alice").scope("notes:read").sign();
/// assert_eq!(verifier.verify(&token).await.unwrap().username.as_deref(), Some("alice"));
///
/// let expired = issuer.user("alice").expires_in(-60).sign();
/// assert_eq!(verifier.verify(&expired).await, Err(VerifyError::Invalid(TokenError::Expired)));
/// # }
/// ```
pub struct TestIssuer {
    pub(super) url: String,
    audience: String,
    pub(super) clock: Clock,
    pub(super) key: RsaKeyPair,
    pub(super) jwk: RsaJwk,
}

impl TestIssuer {
    /// An issuer of that name with a new 2048-bit key, the machine's clock, and tokens meant for `resource-api`.
    pub fn new(issuer_url: impl Into<String>) -> Self {
        let (key, jwk) = new_key();
        Self { url: issuer_url.into(), audience: "resource-api".to_owned(), clock: Clock::system(), key, jwk }
    }

    /// Means the tokens for another service, unless one says otherwise.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// Takes the times of tokens, and of the verifiers made from now on, from another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The name of the issuer, as in `iss`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key set to publish, with the current key.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// The current key as a verifier takes it.
    #[expect(clippy::expect_used, reason = "a key made here is always usable, and this is for tests")]
    pub fn keys(&self) -> KeySet {
        let key = VerificationKey::try_from(&self.jwk).expect("a new key can verify");
        [key].into_iter().collect()
    }

    /// A verifier with the current key and no network. It looks up revocation, and so cannot tell whether a token with a
    /// good `status` is good; a test of that needs a server that publishes [`TestIssuer::status_list`], and a verifier
    /// that has it as its [internal URL](crate::VerifierBuilder::internal_url).
    #[expect(
        clippy::expect_used,
        reason = "nothing is fetched, so only an empty name can fail, and this is for tests"
    )]
    pub fn verifier(&self, audience: &str) -> Verifier {
        // Nothing can be reached at port 0, neither by accident nor on purpose.
        let builder = Verifier::builder(&self.url, audience).internal_url("http://127.0.0.1:0");
        builder
            .keys(self.keys())
            .clock(self.clock.clone())
            .build()
            .expect("issuer and audience are not empty")
    }

    /// Signs with a new key from now on. The old one is gone.
    pub fn rotate(&mut self) {
        (self.key, self.jwk) = new_key();
    }

    /// A token of a user with the role `user` and the scopes `posts:read posts:write`.
    /// His id is [`TestIssuer::user_id`].
    pub fn user(&self, username: &str) -> TokenBuilder<'_> {
        let now = self.clock.now_secs();
        self.token(&Self::user_id(username), FIRST_PARTY_CLIENT_ID)
            .scope("posts:read posts:write")
            .roles(["user"])
            .claim("username", username)
            .claim("sid", format!("session-of-{username}"))
            .claim("auth_time", now)
    }

    /// The `sub` of the tokens of that user.
    pub fn user_id(username: &str) -> String {
        format!("id-of-{username}")
    }

    /// A token of a service without any scope.
    pub fn service(&self, client_id: &str) -> TokenBuilder<'_> {
        self.token(client_id, client_id).scope("")
    }

    fn token(&self, sub: &str, client_id: &str) -> TokenBuilder<'_> {
        let now = self.clock.now_secs();
        TokenBuilder::new(self)
            .header("typ", "at+jwt")
            .header("alg", "RS256")
            .header("kid", self.jwk.kid())
            .claim("iss", self.url.as_str())
            .claim("sub", sub)
            .audience(&self.audience)
            .claim("iat", now)
            .expires_in(300)
            .claim("jti", Self::random_id())
            .claim("client_id", client_id)
    }

    /// The address of that status list, as in the tokens' `status`.
    pub fn status_list_url(&self, number: u64) -> String {
        format!("{}/oauth/status-lists/{number}", self.url)
    }

    /// The status list of that number as it is published: a JWT of now, good for an hour, to be kept for 5 seconds, in
    /// which these entries are not VALID.
    pub fn status_list(&self, number: u64, revoked: impl IntoIterator<Item = usize>) -> String {
        self.sign_status_list(&self.status_list_claims(number, revoked))
    }

    /// The claims of [`TestIssuer::status_list`], to be changed before they are
    /// [signed](TestIssuer::sign_status_list).
    pub fn status_list_claims(
        &self,
        number: u64,
        revoked: impl IntoIterator<Item = usize>,
    ) -> StatusListClaims {
        let now = self.clock.now_secs();
        StatusListClaims {
            sub: self.status_list_url(number),
            iat: now,
            exp: now + 3600,
            ttl: 5,
            status_list: (&StatusList::with_invalid(STATUS_LIST_LEN, revoked)).into(),
        }
    }

    /// A status list's JWT with any claims, signed by the current key.
    pub fn sign_status_list(&self, claims: &StatusListClaims) -> String {
        let header = json!({ "typ": STATUS_LIST_TYPE, "alg": "RS256", "kid": self.jwk.kid() });
        self.sign_raw(&header.to_string(), json!(claims).to_string().as_bytes())
    }

    /// A token of any header and payload, signed with RS256 by the current key whatever the header says.
    pub fn sign_raw(&self, header_json: &str, payload: &[u8]) -> String {
        let signed = signing_input(header_json, payload);
        let signature = self.signature(&RSA_PKCS1_SHA256, &signed);
        format!("{signed}.{signature}")
    }

    /// The signature of a message by the current key, base64url.
    #[expect(clippy::expect_used, reason = "signing with a key made here cannot fail, and this is for tests")]
    pub(super) fn signature(&self, algorithm: &'static dyn RsaEncoding, message: &str) -> String {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(algorithm, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("a new key can sign");
        URL_SAFE_NO_PAD.encode(signature)
    }

    #[expect(clippy::expect_used, reason = "the system has random numbers, and this is for tests")]
    fn random_id() -> String {
        let mut bytes = [0; 16];
        aws_lc_rs::rand::fill(&mut bytes).expect("random numbers");
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

pub(super) fn signing_input(header_json: &str, payload: &[u8]) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header_json), URL_SAFE_NO_PAD.encode(payload))
}

/// The public key as DER (`SubjectPublicKeyInfo`).
#[expect(clippy::expect_used, reason = "a key made here can be encoded, and this is for tests")]
pub(super) fn public_key_der(key: &RsaKeyPair) -> Vec<u8> {
    key.public_key().as_der().expect("a new key can be encoded").as_ref().to_vec()
}

#[expect(clippy::expect_used, reason = "the system has random numbers, and this is for tests")]
fn new_key() -> (RsaKeyPair, RsaJwk) {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be generated");
    let (n, e) =
        (aws_lc::DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key)(&public_key_der(&key))
            .expect("a new key can be decoded");
    (key, RsaJwk::new(&n, &e))
}

impl fmt::Debug for TestIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestIssuer")
            .field("url", &self.url)
            .field("kid", &self.jwk.kid())
            .finish_non_exhaustive()
    }
}
