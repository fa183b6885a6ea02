use std::{sync::Arc, time::Duration};

use reqwest::Url;

use super::{
    Inner, KeySet, TokenRules, Verifier,
    keys::Keys,
    remote::{JwksSource, RemoteKeySet},
    status::{ListSource, StatusLists},
};
use crate::{Clock, clock::millis, http::UrlFault};

/// auth-server forgets that it has revoked a token when the token has been expired for this long.
const LONGEST_LEEWAY: Duration = Duration::from_mins(1);

/// Settings of a [`Verifier`] to be.
#[derive(Debug)]
#[must_use = "a builder does nothing until build()"]
pub struct VerifierBuilder {
    rules: TokenRules,
    internal_url: Option<String>,
    jwks_url: Option<String>,
    keys: Option<KeySet>,
    revocation: bool,
}

impl VerifierBuilder {
    pub(super) fn new(issuer: String, audience: String) -> Self {
        let rules = TokenRules::new(issuer, audience);
        Self { rules, internal_url: None, jwks_url: None, keys: None, revocation: true }
    }

    /// Where the issuer is reached from here, when that is not its public address. Tokens are still compared with the
    /// issuer itself.
    pub fn internal_url(mut self, url: impl Into<String>) -> Self {
        self.internal_url = Some(url.into());
        self
    }

    /// Where the key set is, when it is not at `/.well-known/jwks.json` below the issuer or the internal URL.
    pub fn jwks_url(mut self, url: impl Into<String>) -> Self {
        self.jwks_url = Some(url.into());
        self
    }

    /// These keys and no others: no key set is ever fetched. A key that the issuer revokes stays good here until you
    /// change them. Status lists are still fetched and checked with these keys, so they must hold the issuer's next key as
    /// well, unless this is [without revocation](Self::without_revocation) too.
    pub fn keys(mut self, keys: KeySet) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Signature, claims and expiry alone: tokens are not looked up in the issuer's status lists, and are good until they
    /// expire.
    pub fn without_revocation(mut self) -> Self {
        self.revocation = false;
        self
    }

    /// By how much the issuer's clock may differ from ours: 5 seconds by default, 60 at the most. auth-server forgets 60
    /// seconds after a token's expiry that it was revoked, so a longer leeway would make revoked tokens good again.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.rules = self.rules.leeway(leeway);
        self
    }

    /// Takes the time from another clock. For tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.rules = self.rules.clock(clock);
        self
    }

    /// The verifier. Nothing is fetched yet.
    pub fn build(self) -> Result<Verifier, VerifierError> {
        for (name, value) in [("issuer", self.rules.issuer()), ("audience", self.rules.audience())] {
            if value.is_empty() {
                return Err(VerifierError::Empty(name));
            }
        }
        if self.rules.leeway_ms() > millis(LONGEST_LEEWAY) {
            return Err(VerifierError::Leeway);
        }
        let base = self.internal_url.as_deref().unwrap_or(self.rules.issuer());
        let keys = Arc::new(match self.keys {
            Some(keys) => Keys::Fixed(Arc::new(keys)),
            None => Keys::Remote(RemoteKeySet::new(JwksSource::new(jwks_url(self.jwks_url, base)?)?)),
        });
        let lists = if self.revocation {
            let source = ListSource::new(&http_url(base)?, Arc::clone(&keys), self.rules.clone())?;
            Some(StatusLists::new(source))
        } else {
            None
        };
        Ok(Verifier(Arc::new(Inner { rules: self.rules, keys, lists })))
    }
}

fn jwks_url(explicit: Option<String>, base: &str) -> Result<Url, VerifierError> {
    match explicit {
        Some(url) => http_url(&url),
        // The base is looked at by itself: with the path appended, `https://` would make a host of `.well-known`.
        None => http_url(base)
            .and_then(|_| http_url(&format!("{}/.well-known/jwks.json", base.trim_end_matches('/')))),
    }
}

fn http_url(text: &str) -> Result<Url, VerifierError> {
    crate::http::http_url(text).map_err(|fault| match fault {
        UrlFault::Credentials => VerifierError::Credentials,
        UrlFault::NotHttp => VerifierError::Url(text.to_owned()),
    })
}

/// Why a [`Verifier`] cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum VerifierError {
    /// The issuer or the audience is the empty string.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// The leeway is longer than 60 seconds.
    #[error("the leeway is longer than 60 seconds, after which revoked tokens would be good again")]
    Leeway,
    /// The issuer's or the key set's address is not an absolute HTTP URL.
    #[error(
        "{0} is not an address that keys and status lists can be fetched from, such as https://auth.example.com"
    )]
    Url(String),
    /// The address has a user name or a password in it, which would end up in logs. What is fetched there is public.
    #[error("the address of the issuer or its key set must not have a user name or a password in it")]
    Credentials,
    /// The HTTP client cannot be set up, for example because the machine has no CA certificates.
    #[error("the HTTP client for keys and status lists cannot be set up")]
    HttpClient(#[from] reqwest::Error),
}
