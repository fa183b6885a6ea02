//! The error policy.
//!
//! Store functions return `QueryResult`; features return [`ApiError`], whose variants say what the *client* can do; one
//! mapping makes them problems (RFC 9457). What went wrong inside is in their `Display`, which the request scope logs once
//! and never sends.

use std::time::Duration;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use shared_claims::actix::AuthError;
use shared_service::{
    Problem,
    database::{Unavailable, is_transient},
};

use crate::{directory, follows::MOST_FOLLOWED};

const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 401, 403: the access token is missing, not good, or does not allow this.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// 403: the token is good, but its user is none whose data could be kept here.
    #[error("the token's sub or username is not one of auth-server's")]
    UserNotSupported,
    /// 404: nobody has this name.
    #[error("no such user")]
    UserNotFound,
    /// 404: there is no such post, or none that the caller may touch.
    #[error("no such post")]
    PostNotFound,
    /// 422: users who named themselves.
    #[error("users cannot follow themselves")]
    CannotFollowSelf,
    /// 422: users who follow as many as they may.
    #[error("follows too many")]
    TooManyFollowed,
    /// 503: whether there is such a user cannot be found out right now.
    #[error(transparent)]
    DirectoryUnavailable(#[from] directory::Unavailable),
    /// 503: come back in a moment.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// 500: our fault.
    #[error("internal error: {0}")]
    Internal(diesel::result::Error),
}

impl ApiError {
    fn problem(&self) -> Problem {
        let not_found = |code, title| Problem::new(StatusCode::NOT_FOUND, code, title);
        match self {
            Self::UserNotSupported => Problem::new(
                StatusCode::FORBIDDEN,
                "user_not_supported",
                "Users with such an id or name cannot be served here.",
            )
            .detail(
                "`sub` must be 1 to 64 visible ASCII characters, and `username` at most 32 characters without control \
                 characters.",
            ),
            Self::UserNotFound => not_found("user_not_found", "There is no user of this name."),
            Self::PostNotFound => not_found("post_not_found", "There is no such post."),
            Self::CannotFollowSelf => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "cannot_follow_self",
                "Users cannot follow themselves.",
            ),
            Self::TooManyFollowed => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_followed",
                "You follow as many users as one can.",
            )
            .detail(format!("Nobody can follow more than {MOST_FOLLOWED} users. Unfollow somebody first.")),
            Self::DirectoryUnavailable(error) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "directory_unavailable",
                "Whether there is such a user cannot be found out right now.",
            )
            .retry_after(error.retry_after),
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
        if is_transient(&error) { Self::Unavailable(error.to_string()) } else { Self::Internal(error) }
    }
}

impl From<Unavailable> for ApiError {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error.to_string())
    }
}
