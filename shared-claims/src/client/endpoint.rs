use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use serde::Deserialize;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use super::{
    ServiceToken,
    error::{TokenSourceError, advice},
};
use crate::{
    Scopes,
    http::{Http, HttpError, bounded_body},
};

/// A token has 8 KiB at the most.
const MAX_BODY_BYTES: usize = 32 * 1024;
const LONGEST_LIFE: Duration = Duration::from_hours(24);
/// How much of a server's words is kept.
const LONGEST_TEXT: usize = 200;

/// Where tokens are asked for, and in whose name.
pub(super) struct TokenEndpoint {
    http: Http,
    url: Url,
    /// Form-encoded, as the Basic scheme wants it of OAuth clients (RFC 6749 §2.3.1).
    client_id: String,
    client_secret: Zeroizing<String>,
    body: String,
}

/// A token and for how long it is good, from when it was asked for.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) token: ServiceToken,
    pub(super) life: Duration,
}

/// How a fetch failed.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{error}{}{}", .description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default(), advice(.error))]
    Refused { error: String, description: Option<String> },
    #[error("{cause}")]
    Unavailable { cause: Arc<HttpError>, retry_after: Option<Duration> },
    #[error("the answer is not a token endpoint's: {0}; check the server's address")]
    Malformed(&'static str),
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: Zeroizing<String>,
    token_type: String,
    expires_in: i64,
}

#[derive(Deserialize)]
struct ErrorResponse {
    error: String,
    error_description: Option<String>,
}

impl TokenEndpoint {
    pub(super) fn new(url: Url, client_id: &str, client_secret: &str) -> Result<Self, reqwest::Error> {
        let user_agent = concat!("latchkey-client/", env!("CARGO_PKG_VERSION"));
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        Ok(Self {
            http: Http::for_addresses_like(&url, user_agent)?,
            url,
            client_id: encoded(client_id),
            client_secret: Zeroizing::new(encoded(client_secret)),
            body: String::new(),
        })
    }

    pub(super) fn asking_for(mut self, scope: &Scopes, audience: &[String]) -> Self {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !scope.is_empty() {
            form.append_pair("scope", &scope.to_string());
        }
        form.extend_pairs(audience.iter().map(|audience| ("audience", audience)));
        self.body = form.finish();
        self
    }

    pub(super) async fn fetch(&self) -> Result<Fetched, FetchError> {
        let request = self
            .http
            .client()
            .post(self.url.clone())
            .basic_auth(&self.client_id, Some(self.client_secret.as_str()))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.body.clone());
        let response = request.send().await.map_err(|error| unavailable(error.into(), None))?;
        read(response).await
    }
}

async fn read(response: Response) -> Result<Fetched, FetchError> {
    let (status, retry_after) = (response.status(), retry_after(response.headers()));
    let cannot_answer = || unavailable(HttpError::Status(status), retry_after);
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(cannot_answer());
    }
    let body = bounded_body(response, MAX_BODY_BYTES).await.map_err(|error| match error {
        HttpError::TooLarge(_) => FetchError::Malformed("it is too large"),
        error => unavailable(error, None),
    })?;
    if status == StatusCode::OK {
        return accept(&Zeroizing::new(body));
    }
    match serde_json::from_slice::<ErrorResponse>(&body) {
        Ok(refusal) if matches!(&*refusal.error, "temporarily_unavailable" | "server_error") => {
            Err(cannot_answer())
        }
        Ok(refusal) if status.is_client_error() => Err(FetchError::Refused {
            error: printable(&refusal.error),
            description: refusal.error_description.as_deref().map(printable),
        }),
        _ => Err(FetchError::Malformed("it has neither a token nor an OAuth error")),
    }
}

fn accept(body: &[u8]) -> Result<Fetched, FetchError> {
    let refused = FetchError::Malformed;
    let answer: TokenResponse = serde_json::from_slice(body)
        .map_err(|_| refused("it has no access_token, token_type and expires_in of the right types"))?;
    if !answer.token_type.eq_ignore_ascii_case("Bearer") {
        return Err(refused("its token_type is not Bearer"));
    }
    let token = ServiceToken::parse(&answer.access_token)
        .ok_or(refused("its access_token cannot stand in a header"))?;
    match u64::try_from(answer.expires_in) {
        Ok(seconds @ 1..) => Ok(Fetched { token, life: Duration::from_secs(seconds).min(LONGEST_LIFE) }),
        _ => Err(refused("its expires_in is not positive")),
    }
}

fn unavailable(cause: HttpError, retry_after: Option<Duration>) -> FetchError {
    FetchError::Unavailable { cause: Arc::new(cause), retry_after }
}

/// In seconds (RFC 9110 §10.2.3); a date counts as none.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The server's words as they may stand in a log: only what RFC 6749 §5.2 lets it say, and no more than a line.
fn printable(text: &str) -> String {
    let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
    text.chars().filter(allowed).take(LONGEST_TEXT).collect()
}

impl FetchError {
    /// What the server itself wants to wait.
    pub(super) fn wanted_wait(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// As it is told to those who need a token.
    pub(super) fn told(&self, retry_after: Duration) -> TokenSourceError {
        match self {
            Self::Refused { error, description } => TokenSourceError::Refused {
                error: error.clone(),
                description: description.clone(),
                retry_after,
            },
            Self::Unavailable { cause, .. } => {
                TokenSourceError::Unavailable { retry_after, source: Arc::<HttpError>::clone(cause) }
            }
            Self::Malformed(reason) => TokenSourceError::Malformed { reason, retry_after },
        }
    }
}

impl fmt::Display for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

/// Without the secret, and without the body: an audience may be nobody's business.
impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpoint")
            .field("url", &self.url.as_str())
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
