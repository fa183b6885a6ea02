//! Errors of RFC 6749 §5.2, and of RFC 6750 §3.1 where an access token takes the place of client credentials.

use std::time::Duration;

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;

const RETRY_AFTER_UNAVAILABLE: Duration = Duration::from_secs(2);

/// What the client did wrong, in the words of the RFC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(as = OAuthErrorCode, rename_all = "snake_case")]
pub(crate) enum ErrorCode {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    /// RFC 8707 §2.
    InvalidTarget,
    /// RFC 6750 §3.1: the access token that the request is made with is not good.
    InvalidToken,
    /// RFC 6750 §3.1.
    InsufficientScope,
    /// RFC 6749 §4.1.2.1, here for a 503 or a 429.
    TemporarilyUnavailable,
    /// The same, for a 500.
    ServerError,
}

impl ErrorCode {
    fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// An error (RFC 6749 §5.2).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(super) struct Members {
    #[schema(value_type = ErrorCode)]
    error: &'static str,
    /// For the developer of the client.
    error_description: &'static str,
}

impl Members {
    fn new(code: ErrorCode, error_description: &'static str) -> Self {
        Self { error: code.name(), error_description }
    }
}

/// An error answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OAuthError {
    /// The code, and words for the developer of the client.
    #[error("{}: {description}", code.name())]
    Protocol { code: ErrorCode, description: &'static str },
    /// The client, or its access token, lacks this scope.
    #[error("insufficient_scope: {scope}")]
    Insufficient { scope: &'static str },
    /// Our fault, or that of a moment.
    #[error(transparent)]
    Server(#[from] ApiError),
}

impl OAuthError {
    pub(crate) fn new(code: ErrorCode, description: &'static str) -> Self {
        Self::Protocol { code, description }
    }

    pub(crate) fn invalid_request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    fn told(&self) -> (ErrorCode, &'static str) {
        match self {
            Self::Protocol { code, description } => (*code, description),
            Self::Insufficient { .. } => {
                (ErrorCode::InsufficientScope, "this is not within the scope of the client or of its token")
            }
            Self::Server(ApiError::Unavailable(_)) => {
                (ErrorCode::TemporarilyUnavailable, "try again in a moment")
            }
            Self::Server(_) => {
                (ErrorCode::ServerError, "the failure was logged under the X-Request-Id of this answer")
            }
        }
    }
}

impl OAuthError {
    /// The `WWW-Authenticate` header: Basic for those who have a secret (RFC 6749 §5.2), Bearer where an access token
    /// was taken in its place, or lacks a scope (RFC 6750 §3).
    fn challenge(&self) -> Option<String> {
        match self {
            Self::Protocol { code: ErrorCode::InvalidClient, .. } => Some("Basic realm=\"oauth\"".to_owned()),
            Self::Protocol { code: ErrorCode::InvalidToken, description } => {
                Some(format!("Bearer error=\"invalid_token\", error_description=\"{description}\""))
            }
            Self::Insufficient { scope } => {
                Some(format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""))
            }
            _ => None,
        }
    }
}

impl ResponseError for OAuthError {
    fn status_code(&self) -> StatusCode {
        self.told().0.status()
    }

    fn error_response(&self) -> HttpResponse {
        let (code, description) = self.told();
        let mut response = HttpResponse::build(code.status());
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(challenge) = self.challenge() {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if code == ErrorCode::TemporarilyUnavailable {
            response.insert_header((RETRY_AFTER, RETRY_AFTER_UNAVAILABLE.as_secs()));
        }
        response.json(Members::new(code, description))
    }
}

/// Gives the framework's own rejections (unknown path, wrong method, too large …) the form that OAuth clients read.
pub(crate) async fn as_oauth(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    // A 304 has no body (RFC 9110 §15.4.5): one that were sent would be taken for the next answer.
    if is_json || !(status.is_client_error() || status.is_server_error()) {
        return Ok(response);
    }
    let (code, description) = match status {
        StatusCode::TOO_MANY_REQUESTS => (
            ErrorCode::TemporarilyUnavailable,
            "too many requests; wait for as many seconds as Retry-After says",
        ),
        _ if status.is_server_error() => (ErrorCode::ServerError, reason(status)),
        _ => (ErrorCode::InvalidRequest, reason(status)),
    };
    let body = serde_json::to_string(&Members::new(code, description))?;
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("the request cannot be served")
}
