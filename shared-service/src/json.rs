//! JSON bodies: [`Json`] and [`OptionalJson`], whose rejections are problems that name the member at fault.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::StatusCode,
    web::{Bytes, PayloadConfig},
};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::problem::{FieldError, Problem};

/// The largest body a server takes, in bytes. The largest honest one is a post of 500 characters, escaped.
pub const MAX_BODY: usize = 16 * 1024;

/// A JSON body that must be there.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A JSON body that may be missing altogether: `None` when the request has no body at all.
#[derive(Debug)]
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Bytes::from_request(&request, payload);
        Box::pin(async move {
            let body = body.await?;
            Ok(Self(parse(&request, &body)?))
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for OptionalJson<T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let body = Bytes::from_request(&request, payload);
        Box::pin(async move {
            let body = body.await?;
            if body.is_empty() {
                return Ok(Self(None));
            }
            Ok(Self(Some(parse(&request, &body)?)))
        })
    }
}

/// The limit on bodies, as app data.
pub fn body_limit() -> PayloadConfig {
    PayloadConfig::new(MAX_BODY)
}

fn parse<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Problem> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .detail("Send JSON, with Content-Type: application/json."));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| refuse(&error))?;
    deserializer.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn refuse(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let cause = error.inner();
    if !cause.is_data() {
        return not_json(cause);
    }
    let text = cause.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    // A missing member is reported at its parent; the name stands in the message.
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match (missing, error.path().to_string()) {
        (Some(field), _) => Problem::invalid_input(vec![FieldError::new(field, "is required")]),
        (None, path) if path == "." => Problem::invalid_input(vec![]).detail(message),
        (None, path) => Problem::invalid_input(vec![FieldError::new(path, message)]),
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_json", "The body is not JSON.").detail(error.to_string())
}
