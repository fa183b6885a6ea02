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

use crate::{
    accounts::{ChangeError, QueueFull},
    clients::ClientChangeError,
};

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
    /// 404: absent.
    #[error("user not found")]
    UserNotFound,
    /// 409: what was asked for is based on what the account no longer is; look at it again.
    #[error("changed meanwhile")]
    Changed,
    /// 409: make somebody else an administrator first.
    #[error("last administrator")]
    LastAdmin,
    /// 404: absent, or removed.
    #[error("client not found")]
    ClientNotFound,
    /// 409: choose another name.
    #[error("client name taken")]
    ClientNameTaken,
    /// 409: end the older one first.
    #[error("two secrets")]
    TwoSecrets,
    /// 409: add another one first.
    #[error("last secret")]
    LastSecret,
    /// 429: this was asked for too often; come back after this time.
    #[error("too many requests")]
    TooManyRequests(Duration),
    /// 409: keys come from elsewhere; they are changed there.
    #[error("keys are managed from outside")]
    KeysManagedOutside,
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
            Self::UserNotFound => {
                Problem::new(StatusCode::NOT_FOUND, "user_not_found", "There is no such user.")
            }
            Self::Changed => {
                Problem::new(StatusCode::CONFLICT, "changed_meanwhile", "The account was changed meanwhile.")
                    .detail("Nothing was done. Read the account again and repeat what you still want.")
            }
            Self::LastAdmin => {
                Problem::new(StatusCode::CONFLICT, "last_admin", "This is the last active administrator.")
                    .detail("Give the role to somebody else first.")
            }
            Self::ClientNotFound => {
                Problem::new(StatusCode::NOT_FOUND, "client_not_found", "There is no such client.")
            }
            Self::ClientNameTaken => {
                Problem::new(StatusCode::CONFLICT, "client_name_taken", "Another client has this name.")
            }
            Self::TwoSecrets => {
                Problem::new(StatusCode::CONFLICT, "two_secrets", "The client has two live secrets.")
                    .detail("End the older one first.")
            }
            Self::LastSecret => {
                Problem::new(StatusCode::CONFLICT, "last_secret", "This is the client's last live secret.")
                    .detail("Add the new one first, or switch the client off.")
            }
            Self::TooManyRequests(wait) => Problem::too_many_requests(*wait),
            Self::KeysManagedOutside => Problem::new(
                StatusCode::CONFLICT,
                "keys_managed_outside",
                "The key folder is read-only: keys are managed from outside.",
            )
            .detail("Put a new key where the others come from, named by the time from which it is to be used; docs/operations.md tells how."),
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
            ChangeError::Absent => Self::UserNotFound,
            ChangeError::LastAdmin => Self::LastAdmin,
            ChangeError::Query(error) => error.into(),
        }
    }
}

impl From<ClientChangeError> for ApiError {
    fn from(error: ClientChangeError) -> Self {
        match error {
            ClientChangeError::NotFound => Self::ClientNotFound,
            ClientChangeError::NameTaken => Self::ClientNameTaken,
            ClientChangeError::TwoSecrets => Self::TwoSecrets,
            ClientChangeError::LastSecret => Self::LastSecret,
            ClientChangeError::Query(error) => error.into(),
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
