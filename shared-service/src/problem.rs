//! Errors as clients see them: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! A problem says what the *client* can do. Internal causes are logged where they happen and never sent. The member
//! `request_id` is added on the way out by [`crate::request::request_scope`], for every problem alike.

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One fault of the input.
#[derive(Debug, Clone, Serialize, PartialEq, Eq, ToSchema)]
pub struct FieldError {
    /// The member that is wrong, as the client named it.
    pub field: String,
    /// What would be right.
    pub message: String,
}

impl FieldError {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// A problem detail (RFC 9457 §3).
#[derive(Debug, Clone)]
pub struct Problem {
    title: &'static str,
    status: StatusCode,
    code: &'static str,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
}

/// The members as they are sent.
#[derive(Serialize)]
struct Members<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Serialize for Problem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = Members {
            r#type: format!("urn:latchkey:problem:{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail.as_deref().unwrap_or(self.title),
            code: self.code,
            errors: &self.errors,
        };
        members.serialize(serializer)
    }
}

impl Problem {
    /// A problem of this status, with its stable machine-readable `code` and a title that never varies.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self { title, status, code, detail: None, errors: Vec::new(), retry_after: None }
    }

    /// 422: the request was understood, but these members cannot be accepted.
    pub fn invalid_input(errors: Vec<FieldError>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input", "The input is not valid.").errors(errors)
    }

    /// 503: a part this service needs does not answer; the same request may succeed later.
    pub fn unavailable(retry_after: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The service cannot answer right now.")
            .retry_after(retry_after)
    }

    /// 429: this was asked for too often; the same request may be served after `wait`.
    pub fn too_many_requests(wait: Duration) -> Self {
        Self::of_status(StatusCode::TOO_MANY_REQUESTS)
            .detail("Wait for as many seconds as Retry-After says.")
            .retry_after(wait)
    }

    /// 500: our fault. The cause belongs in the log, found again by the request id.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed.")
            .detail("The failure was logged. Report it with the request_id.")
    }

    /// The problem of an answer that says nothing but its status, as the framework itself gives them.
    pub fn of_status(status: StatusCode) -> Self {
        let (code, title) = match status.as_u16() {
            401 => ("unauthenticated", "Authentication is needed."),
            403 => ("forbidden", "This is not allowed."),
            404 => ("not_found", "There is nothing here."),
            405 => ("method_not_allowed", "This path does not take this method."),
            408 => ("request_timeout", "The request took too long to arrive."),
            413 => ("body_too_large", "The body is too large."),
            415 => ("unsupported_media_type", "The body has the wrong media type."),
            429 => ("too_many_requests", "There were too many requests."),
            503 => ("unavailable", "The service cannot answer right now."),
            400..=499 => ("bad_request", "The request cannot be understood."),
            _ => ("internal", "The server failed."),
        };
        Self::new(status, code, title)
    }

    /// What happened this time, for a human.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The faults of the input, member by member.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// When to try again; sent as `Retry-After` in whole seconds, rounded up, at least one.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

/// Rounded up, so that whoever waits for so long has waited long enough; at least one.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status.as_u16(), self.code, self.detail.as_deref().unwrap_or(self.title))
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.content_type(PROBLEM_JSON).insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(wait) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, whole_seconds(wait).to_string()));
        }
        response.body(serde_json::to_vec(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_as_long_as_told_has_waited_long_enough() {
        for (millis, told) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (899_999, "900")] {
            let answer = Problem::too_many_requests(Duration::from_millis(millis)).error_response();
            assert_eq!(answer.headers().get(header::RETRY_AFTER).unwrap(), told, "{millis}");
        }
    }
}
