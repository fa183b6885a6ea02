use std::fmt;

use reqwest::Url;
use zeroize::Zeroizing;

use super::{TokenSource, endpoint::TokenEndpoint};
use crate::{
    Clock, Scopes,
    http::{UrlFault, http_url},
};

/// Settings of a [`TokenSource`] to be.
#[must_use = "a builder does nothing until build()"]
pub struct TokenSourceBuilder {
    issuer: String,
    internal_url: Option<String>,
    client_id: String,
    client_secret: Zeroizing<String>,
    scope: Scopes,
    audience: Vec<String>,
    clock: Clock,
}

impl TokenSourceBuilder {
    pub(super) fn new(issuer: String, client_id: String, client_secret: String) -> Self {
        Self {
            issuer,
            internal_url: None,
            client_id,
            client_secret: Zeroizing::new(client_secret),
            scope: Scopes::default(),
            audience: Vec::new(),
            clock: Clock::system(),
        }
    }

    /// Where the issuer is reached from here, when that is not its public address. Tokens are asked for at `/oauth/token`
    /// below it.
    pub fn internal_url(mut self, url: impl Into<String>) -> Self {
        self.internal_url = Some(url.into());
        self
    }

    /// What the tokens are to allow. By default the server decides: usually everything that the client is registered for.
    pub fn scope(mut self, scope: Scopes) -> Self {
        self.scope = scope;
        self
    }

    /// For whom the tokens are to be: what must stand in their `aud`. By default the server decides. Said again, one more.
    /// A token for one service alone cannot be used by that service anywhere else.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience.push(audience.into());
        self
    }

    /// Takes the time from another clock. For tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The source. Nothing is fetched yet.
    pub fn build(self) -> Result<TokenSource, TokenSourceBuildError> {
        for (name, value) in [("id", &self.client_id), ("secret", &*self.client_secret)] {
            if value.is_empty() {
                return Err(TokenSourceBuildError::Empty(name));
            }
        }
        let url = token_url(self.internal_url.as_deref().unwrap_or(&self.issuer))?;
        let endpoint = TokenEndpoint::new(url, &self.client_id, &self.client_secret)?
            .asking_for(&self.scope, &self.audience);
        Ok(TokenSource::new(endpoint, self.clock))
    }
}

/// The base is looked at by itself: with the path appended, `https://` would make a host of `oauth`.
fn token_url(base: &str) -> Result<Url, TokenSourceBuildError> {
    let refused = |fault| match fault {
        UrlFault::Credentials => TokenSourceBuildError::Credentials,
        UrlFault::NotHttp => TokenSourceBuildError::Url(base.to_owned()),
    };
    http_url(base)
        .and_then(|_| http_url(&format!("{}/oauth/token", base.trim_end_matches('/'))))
        .map_err(refused)
}

impl fmt::Debug for TokenSourceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSourceBuilder")
            .field("issuer", &self.issuer)
            .field("internal_url", &self.internal_url)
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

/// Why a [`TokenSource`] cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenSourceBuildError {
    /// The client's id or secret is the empty string.
    #[error("the client's {0} is empty")]
    Empty(&'static str),
    /// The issuer's address is not an absolute HTTP URL.
    #[error("{0} is not an address that tokens can be fetched from, such as https://auth.example.com")]
    Url(String),
    /// The address has a user name or a password in it, which would end up in logs.
    #[error("the issuer's address must not have a user name or a password in it; give the client's apart")]
    Credentials,
    /// The HTTP client cannot be set up, for example because the machine has no CA certificates.
    #[error("the HTTP client for tokens cannot be set up")]
    HttpClient(#[from] reqwest::Error),
}
