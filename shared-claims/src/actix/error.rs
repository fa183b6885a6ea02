use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};

use crate::{TokenError, VerifyError};

/// Why a request is not let in. As a response: `application/problem+json` (RFC 9457) with `type`, `title`, `status`,
/// `detail` and a stable `code`, the challenge of RFC 6750 §3, and `Cache-Control: no-store`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// 401 `missing_token`: no bearer token was sent. The challenge names no error (RFC 6750 §3.1).
    MissingToken,
    /// 401 `invalid_token`: the `Authorization` header is not one scheme and one token.
    MalformedHeader(&'static str),
    /// 401 `invalid_token`: the token is not good.
    InvalidToken(TokenError),
    /// 403 `insufficient_scope`: the token is good and does not allow this.
    Insufficient {
        /// The scope that is required.
        scope: Option<&'static str>,
        /// The role that is required.
        role: Option<&'static str>,
    },
    /// 403 `user_required`: the token is a service's, and this belongs to users.
    UserRequired,
    /// 503 `keys_unavailable`: whether the token is good cannot be told at the moment, because the keys or the status list
    /// cannot be had.
    KeysUnavailable {
        /// When it makes sense to ask again; in whole seconds in `Retry-After`.
        retry_after: Duration,
    },
    /// 500 `internal_error`: the application has no `Verifier` in its data.
    NotConfigured,
}

impl AuthError {
    /// The stable name of the error for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MissingToken => "missing_token",
            Self::MalformedHeader(_) | Self::InvalidToken(_) => "invalid_token",
            Self::Insufficient { .. } => "insufficient_scope",
            Self::UserRequired => "user_required",
            Self::KeysUnavailable { .. } => "keys_unavailable",
            Self::NotConfigured => "internal_error",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::MissingToken => "Authentication required",
            Self::MalformedHeader(_) | Self::InvalidToken(_) => "Invalid access token",
            Self::Insufficient { .. } => "Insufficient scope",
            Self::UserRequired => "User required",
            Self::KeysUnavailable { .. } => "Temporarily unavailable",
            Self::NotConfigured => "Internal error",
        }
    }

    /// The `WWW-Authenticate` header. Nothing in it needs escaping: descriptions and scopes have neither quotes nor
    /// backslashes.
    fn challenge(self) -> Option<String> {
        match self {
            Self::MissingToken => Some("Bearer".to_owned()),
            Self::MalformedHeader(_) | Self::InvalidToken(_) => {
                Some(format!(r#"Bearer error="invalid_token", error_description="{self}""#))
            }
            Self::Insufficient { scope: Some(scope), .. } => {
                Some(format!(r#"Bearer error="insufficient_scope", scope="{scope}""#))
            }
            Self::Insufficient { scope: None, .. } | Self::UserRequired => {
                Some(format!(r#"Bearer error="insufficient_scope", error_description="{self}""#))
            }
            Self::KeysUnavailable { .. } | Self::NotConfigured => None,
        }
    }
}

impl From<VerifyError> for AuthError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Invalid(error) => Self::InvalidToken(error),
            VerifyError::Unavailable { retry_after } => Self::KeysUnavailable { retry_after },
        }
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingToken => f.write_str("this needs an access token in the Authorization header"),
            Self::MalformedHeader(fault) => f.write_str(fault),
            Self::InvalidToken(error) => error.fmt(f),
            Self::Insufficient { scope: Some(scope), role: Some(role) } => {
                write!(f, "this needs the role {role} and the scope {scope}")
            }
            Self::Insufficient { scope: Some(scope), role: None } => {
                write!(f, "this needs the scope {scope}")
            }
            Self::Insufficient { scope: None, role: Some(role) } => write!(f, "this needs the role {role}"),
            Self::Insufficient { scope: None, role: None } => f.write_str("the token does not allow this"),
            Self::UserRequired => f.write_str("this belongs to users, and the token is a service's"),
            Self::KeysUnavailable { .. } => f.write_str(
                "tokens cannot be verified at the moment: the keys or the status list cannot be had",
            ),
            Self::NotConfigured => f.write_str("the service cannot verify tokens"),
        }
    }
}

impl std::error::Error for AuthError {}

impl ResponseError for AuthError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::MissingToken | Self::MalformedHeader(_) | Self::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Self::Insufficient { .. } | Self::UserRequired => StatusCode::FORBIDDEN,
            Self::KeysUnavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotConfigured => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if *self == Self::NotConfigured {
            log::error!(
                "a handler asks for a token, but the application has no verifier: add .app_data(web::Data::new(verifier))"
            );
        }
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store")).content_type("application/problem+json");
        if let Some(challenge) = self.challenge() {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Self::KeysUnavailable { retry_after } = self {
            response.insert_header((RETRY_AFTER, whole_seconds(*retry_after)));
        }
        response.json(serde_json::json!({
            "type": format!("urn:latchkey:problem:{}", self.code()),
            "title": self.title(),
            "status": status.as_u16(),
            "detail": self.to_string(),
            "code": self.code(),
        }))
    }
}

/// Rounded up, at least 1: who comes back after zero seconds comes back too early.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}
