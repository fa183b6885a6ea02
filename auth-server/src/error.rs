//! The error policy.
//!
//! Store functions return `QueryResult`; features return [`ApiError`], whose variants say what the *client* can do; one
//! mapping makes them problems (RFC 9457). What went wrong inside is in their `Display`, which the request scope logs once
//! and never sends.

use std::time::Duration;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use shared_claims::actix::AuthError;
use shared_service::{
    FieldError, Problem,
    database::{Unavailable, is_transient},
};

use crate::accounts::{ChangeError, QueueFull};

const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 401, 403: the access token is missing, not good, or does not allow this.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// 422: these members of the input cannot be accepted.
    #[error("invalid input")]
    InvalidInput(Vec<FieldError>),
    /// 400: both a body and a cookie carry a refresh token.
    #[error("two refresh tokens")]
    TwoRefreshTokens,
    /// 401: whatever the reason, it is not told.
    #[error("invalid credentials")]
    InvalidCredentials,
    /// 401: whatever the reason, it is not told.
    #[error("invalid refresh token")]
    InvalidRefreshToken,
    /// 403: cookies are for pages of the allowed origins.
    #[error("origin not allowed")]
    OriginNotAllowed,
    /// 403: accounts are made by administrators here.
    #[error("signup is off")]
    SignupOff,
    /// 409: choose another name.
    #[error("username taken")]
    UsernameTaken,
    /// 404: absent, ended or somebody else's; which of them is not told.
    #[error("session not found")]
    SessionNotFound,
    /// 409: what was asked for is based on what the account no longer is; look at it again.
    #[error("changed meanwhile")]
    Changed,
    /// 409: make somebody else an administrator first.
    #[error("last administrator")]
    LastAdmin,
    /// 503: come back in a moment.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// 500: our fault.
    #[error("internal error: {0:#}")]
    Internal(anyhow::Error),
}

impl ApiError {
    /// 422 for one member.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::InvalidInput(vec![FieldError::new(field, message)])
    }

    fn problem(&self) -> Problem {
        let unauthorized = |code, title| Problem::new(StatusCode::UNAUTHORIZED, code, title);
        match self {
            Self::InvalidInput(errors) => Problem::invalid_input(errors.clone()),
            Self::TwoRefreshTokens => Problem::of_status(StatusCode::BAD_REQUEST)
                .detail("Send the refresh token in the body or as a cookie, not both."),
            Self::InvalidCredentials => {
                unauthorized("invalid_credentials", "The username or the password is wrong.")
            }
            Self::InvalidRefreshToken => {
                unauthorized("invalid_refresh_token", "The session has ended; log in again.")
            }
            Self::OriginNotAllowed => {
                Problem::new(StatusCode::FORBIDDEN, "origin_not_allowed", "Cookies are not for this origin.")
                    .detail("Call from a page of an allowed origin, or use \"mode\":\"json\".")
            }
            Self::SignupOff => {
                Problem::new(StatusCode::FORBIDDEN, "signup_off", "Accounts are made by administrators here.")
            }
            Self::UsernameTaken => {
                Problem::new(StatusCode::CONFLICT, "username_taken", "The username is taken.")
            }
            Self::SessionNotFound => {
                Problem::new(StatusCode::NOT_FOUND, "session_not_found", "You have no such session.")
            }
            Self::Changed => {
                Problem::new(StatusCode::CONFLICT, "changed_meanwhile", "The account was changed meanwhile.")
                    .detail("Nothing was done. Read the account again and repeat what you still want.")
            }
            Self::LastAdmin => {
                Problem::new(StatusCode::CONFLICT, "last_admin", "This is the last active administrator.")
                    .detail("Give the role to somebody else first.")
            }
            Self::Unavailable(_) => Problem::unavailable(RETRY_AFTER),
            Self::Auth(_) | Self::Internal(_) => Problem::internal(),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Auth(error) => error.status_code(),
            other => other.problem().status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::Auth(error) => error.error_response(),
            other => other.problem().error_response(),
        }
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        if is_transient(&error) { Self::Unavailable(error.to_string()) } else { Self::Internal(error.into()) }
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Outdated => Self::Changed,
            ChangeError::LastAdmin => Self::LastAdmin,
            ChangeError::Query(error) => error.into(),
        }
    }
}

impl From<Unavailable> for ApiError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<QueueFull> for ApiError {
    fn from(error: QueueFull) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}
