//! Claims of Latchkey access tokens, and what a service needs to verify them.
//!
//! Latchkey splits authentication in two: one server knows passwords and private keys and signs tokens; every other
//! service verifies tokens by itself, with the public keys that the server publishes. This crate is the second half.
//! Nothing is asked per request: after the first token, verifying is arithmetic, and a logout is seen within seconds all
//! the same.
//!
//! # Protecting a service
//!
//! With the feature `actix`, build one [`Verifier`] and say in each handler who gets in:
//!
//! ```
//! # #[cfg(feature = "actix")]
//! # mod service {
//! use actix_web::{App, HttpServer, get, web};
//! use shared_claims::{
//!     Verifier,
//!     actix::{AuthenticatedUser, Authorized, Requirement},
//! };
//!
//! struct ReadNotes;
//!
//! impl Requirement for ReadNotes {
//!     const SCOPE: Option<&'static str> = Some("notes:read");
//! }
//!
//! #[get("/notes")] // users and services with the scope notes:read
//! async fn notes(caller: Authorized<ReadNotes>) -> String {
//!     format!("the notes that {} may read", caller.sub)
//! }
//!
//! #[get("/me")] // users, whatever their scope
//! async fn me(user: AuthenticatedUser) -> String {
//!     format!("{} has the id {}", user.username, user.id)
//! }
//!
//! # pub
//! async fn serve() -> Result<(), Box<dyn std::error::Error>> {
//!     let verifier = Verifier::builder("https://auth.example.com", "notes-service").build()?;
//!     let verifier = web::Data::new(verifier);
//!     let server = HttpServer::new(move || App::new().app_data(verifier.clone()).service(notes).service(me));
//!     Ok(server.bind("127.0.0.1:8083")?.run().await?)
//! }
//! # }
//! ```
//!
//! The first argument of the builder is the issuer, exactly as in the tokens' `iss`; the second is your service's name
//! in their `aud`. The same name must stand in the audiences that the auth-server is configured with. Whoever is not
//! let in is answered with 401, 403 or 503, an RFC 6750 challenge, and a problem document (RFC 9457): see
//! [`AuthError`](actix::AuthError). `examples/protected_service.rs` is a whole program to start from.
//!
//! Other frameworks take the feature `verifier` and call [`Verifier::verify`] with the token of the header.
//!
//! # Calling other services
//!
//! With the feature `client`, a service gets tokens of its own, by the id and the secret that it is registered with at
//! auth-server (client credentials, RFC 6749 §4.4). A [`TokenSource`] fetches one, keeps it, and renews it ahead of its
//! expiry, so that calls do not wait:
//!
//! ```no_run
//! # #[cfg(feature = "client")]
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use shared_claims::TokenSource;
//!
//! let tokens = TokenSource::builder("https://auth.example.com", "client_id", "client_secret")
//!     .audience("notes-service")
//!     .scope("notes:read".parse()?)
//!     .build()?;
//! let token = tokens.token().await?; // for each call; a request to auth-server once in a token's life
//! let header = ("Authorization", token.authorization());
//! # drop(header);
//! # Ok(())
//! # }
//! ```
//!
//! # Testing a protected service
//!
//! With the feature `testing`, no auth-server is needed: [`TestIssuer`](testing::TestIssuer) signs whatever token a test
//! wants, and [`forgeries`](testing::forgeries) are the tokens that your service must answer with 401:
//!
//! ```
//! # #[cfg(feature = "testing")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use shared_claims::testing::{TestIssuer, forgeries};
//!
//! let issuer = TestIssuer::new("https://auth.example.com");
//! let verifier = issuer.verifier("notes-service");
//!
//! let token = issuer.user("alice").audience("notes-service").scope("notes:read").sign();
//! assert!(verifier.verify(&token).await.unwrap().scope.contains("notes:read"));
//!
//! for forgery in forgeries(&issuer, "notes-service") {
//!     assert!(verifier.verify(&forgery.token).await.is_err(), "accepted: {}", forgery.name);
//! }
//! # }
//! # #[cfg(not(feature = "testing"))]
//! # fn main() {}
//! ```
//!
//! # What is checked
//!
//! - Form (RFC 7515): compact serialization of at most 8 KiB, three parts of canonical base64url.
//! - Header: JSON without duplicate members; `alg` is exactly `RS256`; `typ` is `at+jwt` or `application/at+jwt` in any
//!   case; `kid` is one of the issuer's keys; no `crit`, no `b64`. `jku`, `jwk`, `x5u` and `x5c` are never followed.
//! - Key: RSA of 2048 to 8192 bits, and its JWK says neither another `alg` nor another `use`.
//! - Signature, before any claim is looked at.
//! - Claims (RFC 9068): `iss`, `sub`, `aud`, `exp`, `iat`, `jti`, `client_id` and `scope` are there and of the right type;
//!   `iss` is the issuer, byte for byte; `aud` has the service; `exp` is not past, `nbf` and `iat` are not ahead, give or
//!   take the leeway (5 seconds by default).
//! - Whose token it is: a user's has `roles`, `username`, `sid` and `auth_time`; a service's has none of them and its `sub`
//!   is its `client_id`. See [`Principal`].
//! - Last of all, revocation (Token Status List): the token's entry in the issuer's status list is 0, VALID. The list is
//!   `<issuer>/oauth/status-lists/<number>` and nothing else; it is signed by one of the issuer's keys as a list (`typ`
//!   is `statuslist+jwt`), for that address (`sub`), and has not expired. It is bounded in size, before inflating and
//!   after.
//!
//! # What is not checked
//!
//! - **Revocation, where there is nothing to look it up in:** a token without a `status` claim is good until it expires,
//!   also after a logout; so is every token for a verifier that is built
//!   [without revocation](VerifierBuilder::without_revocation), and for those who use [`UnverifiedToken`] and
//!   [`TokenRules`] by themselves.
//! - **Revocation in the last seconds.** A list may be kept for its `ttl` (5 seconds, unless auth-server is configured
//!   otherwise). A logout is seen within that time and a second.
//! - **Whether the user still exists**, still has the roles, or changed his password since. Claims are as of `iat`.
//! - **Who sends the token.** A bearer token is good in any hands (RFC 6750 §5): use TLS, and keep tokens out of logs.
//! - **Whether a token was used before.** `jti` is not remembered.
//! - **Ownership.** A scope says what kind of thing a token allows, not whose. Compare `sub` yourself.
//! - **Other kinds of tokens.** ID tokens, refresh tokens and encrypted tokens are refused, not understood.
//!
//! # When the issuer cannot be reached
//!
//! The key set is fetched when the first token comes and refreshed ahead of its `max-age` by one background task. The last
//! good set serves for up to 24 hours; an empty, broken or oversized answer never replaces it. A `kid` that is not in the
//! set causes at most one fetch in 30 seconds (or the set's `max-age`, if that is shorter) and delays nobody else.
//!
//! A status list is fetched when the first token comes that names it. From then on a background task of its own refreshes
//! it whenever it is due: when its `ttl` has passed since it was fetched or since it was made (`iat`), whichever is sooner,
//! and no later than a cache on the way would. It is fetched at most once a second, and tried again after 1, 2, 4, …
//! seconds, up to the `ttl`, when that fails. Requests go on with the copy at hand meanwhile, and after an outage has begun:
//! until the list's `exp`, which auth-server sets so that it outlasts every token that was issued before. What is not a
//! good list never replaces a copy, nor does an older one. A list that no token has named for as long as tokens live is
//! dropped; at most 1024 are kept.
//!
//! Only a verifier that has no keys, or no list, to judge with answers [`VerifyError::Unavailable`]: the token may be good.
//! If it never had them, it tries again when it is asked, at most once a second; a list that expired in an outage is left to
//! its background task, and requests are refused at once. Either way it recovers with its issuer.
//!
//! Where a background task does not run when it should (a suspended process, a blocked worker, a runtime that is driven
//! only during requests), the next request waits for a fetch when a list is overdue by a second or the key set is past its
//! `max-age` by one. If that fails, the copy at hand serves on as above.
//!
//! The addresses are yours to choose: with plain `http`, whoever sits on the path can put in his own keys, so that is for
//! the own machine and a trusted network. `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honoured.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | none | [`AccessClaims`], [`Scopes`], [`Principal`]; depends on serde alone |
//! | `verifier` | [`Verifier`], and its parts for those who keep keys themselves: [`UnverifiedToken`], [`KeySet`], [`TokenRules`], [`StatusList`] |
//! | `actix` | extractors for actix-web: [`actix`] |
//! | `testing` | an issuer for tests: [`testing`] |
//! | `client` | [`TokenSource`] |
#![warn(missing_docs)]
#![cfg_attr(
    not(all(feature = "actix", feature = "client", feature = "testing")),
    expect(rustdoc::broken_intra_doc_links, reason = "this page describes the crate with all its features")
)]

#[cfg(feature = "actix")]
pub mod actix;
mod audience;
mod claims;
#[cfg(feature = "client")]
mod client;
#[cfg(any(feature = "verifier", feature = "client"))]
mod clock;
#[cfg(any(feature = "verifier", feature = "client"))]
mod http;
mod numeric_date;
mod principal;
mod scopes;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "verifier")]
mod verifier;

#[cfg(feature = "client")]
pub use self::client::{
    ServiceToken, TokenSource, TokenSourceBuildError, TokenSourceBuilder, TokenSourceError,
};
#[cfg(any(feature = "verifier", feature = "client"))]
pub use self::clock::Clock;
#[cfg(feature = "verifier")]
pub use self::verifier::{
    ClaimFault, EncodedStatusList, KeySet, KeySetError, KeyState, MAX_KID_BYTES, MAX_TOKEN_BYTES, RsaJwk,
    STATUS_LIST_MEDIA_TYPE, STATUS_LIST_TYPE, StatusList, StatusListClaims, StatusListError, TokenError,
    TokenRules, UnusableKey, UnverifiedToken, VerificationKey, Verifier, VerifierBuilder, VerifierError,
    VerifyError, thumbprint,
};
pub use self::{
    audience::Audience,
    claims::{AccessClaims, FIRST_PARTY_CLIENT_ID, Status, StatusListRef},
    principal::{Principal, User},
    scopes::{InvalidScope, Scopes},
};
