//! Verifying access tokens: form, signature, claims, and the issuer's published keys (RFC 9068, RFC 7515, RFC 7517).

mod builder;
mod error;
mod header;
mod http;
mod jwk;
mod jws;
mod key;
mod key_set;
mod keys;
mod remote;
mod rules;
mod running;
mod status;
mod token;

use std::{fmt, sync::Arc, time::Duration};

pub use self::{
    builder::{VerifierBuilder, VerifierError},
    error::{ClaimFault, TokenError, VerifyError},
    jwk::{RsaJwk, thumbprint},
    key::{MAX_KID_BYTES, UnusableKey, VerificationKey},
    key_set::{KeySet, KeySetError},
    rules::TokenRules,
    status::{
        EncodedStatusList, STATUS_LIST_MEDIA_TYPE, STATUS_LIST_TYPE, StatusList, StatusListClaims,
        StatusListError,
    },
    token::{MAX_TOKEN_BYTES, UnverifiedToken},
};
use self::{keys::Keys, status::StatusLists};
use crate::AccessClaims;

/// Accepts the access tokens of one issuer that are meant for one audience. Cheap to clone; clones share their keys.
///
/// It fetches the issuer's key set and status lists when the first token comes that needs them, and keeps them fresh from
/// then on, so that verifying takes no network: about 20 µs. It needs a tokio runtime, unless its keys are fixed and
/// revocation is not looked up.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    rules: TokenRules,
    keys: Arc<Keys>,
    /// `None`: revocation is not looked up.
    lists: Option<StatusLists>,
}

impl Verifier {
    /// Starts a verifier for tokens of exactly this `issuer` (compared byte for byte) that have `audience` in `aud`.
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> VerifierBuilder {
        VerifierBuilder::new(issuer.into(), audience.into())
    }

    /// The claims of a token that is good in every respect that [the crate's documentation](crate) lists.
    pub async fn verify(&self, token: &str) -> Result<AccessClaims, VerifyError> {
        let token = UnverifiedToken::parse(token)?;
        let keys = self.0.keys.having(token.kid()).await?;
        let key = keys.get(token.kid()).ok_or(TokenError::UnknownKey)?;
        let claims = token.verify(key, &self.0.rules)?;
        if let (Some(lists), Some(status)) = (&self.0.lists, &claims.status) {
            lists.check(&status.status_list).await?;
        }
        Ok(claims)
    }

    /// How the keys are, for a readiness check. Does not fetch.
    pub fn key_state(&self) -> KeyState {
        self.0.keys.state()
    }

    /// Fetches the key set now if there is none yet, at most once a second; whether there are keys. For those who want
    /// not even the first request to wait.
    pub async fn warm_up(&self) -> bool {
        self.0.keys.warm_up().await
    }

    /// The issuer that is trusted.
    pub fn issuer(&self) -> &str {
        self.0.rules.issuer()
    }

    /// The audience that tokens must have.
    pub fn audience(&self) -> &str {
        self.0.rules.audience()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.issuer())
            .field("audience", &self.audience())
            .field("keys", &self.key_state())
            .finish()
    }
}

/// How a verifier's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// They were given and never change.
    Fixed,
    /// They are no older than the issuer allows.
    Fresh,
    /// They could not be refreshed in time. They serve on until they are 24 hours old.
    Stale {
        /// How long ago they were fetched.
        age: Duration,
    },
    /// There are none: every token is answered with [`VerifyError::Unavailable`].
    Missing {
        /// Why the last fetch failed; `None` before the first.
        last_error: Option<String>,
    },
}
