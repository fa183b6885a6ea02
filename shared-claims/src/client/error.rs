use std::{error::Error, sync::Arc, time::Duration};

/// Why there is no token to call another service with.
///
/// Nothing in it is secret, but its texts are for a log rather than for whoever called your service: answer him with 503
/// and [`retry_after`](Self::retry_after).
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TokenSourceError {
    /// The server will not give this client such a token (RFC 6749 §5.2). Waiting does not help: somebody must change
    /// the settings here or the client's registration there. It is asked again now and then all the same.
    #[error(
        "the server refuses to give this client a token: {error}{}{}",
        .description.as_ref().map(|text| format!(" ({text})")).unwrap_or_default(),
        advice(.error)
    )]
    Refused {
        /// The server's `error`, such as `invalid_client`. Printable ASCII.
        error: String,
        /// The server's `error_description`. Printable ASCII.
        description: Option<String>,
        /// When the server is asked again.
        retry_after: Duration,
    },
    /// The server cannot be reached, does not answer in time, or says that it cannot answer now (429, 5xx).
    #[error("the server that gives tokens cannot answer at the moment")]
    Unavailable {
        /// When the server is asked again.
        retry_after: Duration,
        /// What happened.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The answer is not one of a token endpoint (RFC 6749 §5.1): perhaps the address is not the server's.
    #[error("the answer is not a token endpoint's: {reason}; check the server's address")]
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
        /// When the server is asked again.
        retry_after: Duration,
    },
    /// There is no tokio runtime to fetch a token on.
    #[error("ask for tokens within a tokio runtime")]
    NoRuntime,
}

impl TokenSourceError {
    /// When it makes sense to ask again: at least a second.
    pub fn retry_after(&self) -> Duration {
        match self {
            Self::Refused { retry_after, .. }
            | Self::Unavailable { retry_after, .. }
            | Self::Malformed { retry_after, .. } => *retry_after,
            Self::NoRuntime => Duration::from_secs(1),
        }
    }
}

/// What to check, by the server's `error`.
pub(super) fn advice(error: &str) -> &'static str {
    match error {
        "invalid_client" => "; check the client's id and secret, and that it is registered and active there",
        "invalid_scope" => "; check which scopes the client is registered with there",
        "invalid_target" => "; check the audience against the server's settings",
        "unauthorized_client" | "unsupported_grant_type" => {
            "; check that the client may use the grant client_credentials there"
        }
        _ => "",
    }
}
