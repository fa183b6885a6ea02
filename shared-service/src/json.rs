//! JSON bodies: [`Json`] and [`OptionalJson`], whose rejections are problems that name the member at fault.

use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, dev::Payload, http::StatusCode};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::{
    body,
    problem::{FieldError, Problem},
};

/// A JSON object that must be there.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A JSON object that may be missing altogether: `None` when the request has no body at all.
#[derive(Debug)]
pub struct OptionalJson<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), body::read(request, payload));
        Box::pin(async move { Ok(Self(parse(&request, &body.await?)?)) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for OptionalJson<T> {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), body::read(request, payload));
        Box::pin(async move {
            let body = body.await?;
            Ok(Self(if body.is_empty() { None } else { Some(parse(&request, &body)?) }))
        })
    }
}

fn parse<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, Problem> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
            .detail("Send JSON, with Content-Type: application/json."));
    }
    // serde would also take the members from an array, in the order of our struct.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::invalid_input(vec![FieldError::new("body", "must be an object")]));
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
    let fault = match (missing, error.path().to_string()) {
        (Some(field), _) => FieldError::new(field, "is required"),
        (None, path) => FieldError::new(if path == "." { "body".into() } else { path }, expectation(message)),
    };
    Problem::invalid_input(vec![fault])
}

/// What would have been right. What was there instead is left out: it may be a password.
fn expectation(message: &str) -> String {
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| expected);
    expected.map_or_else(|| "has the wrong form".into(), |expected| format!("must be {expected}"))
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_json", "The body is not JSON.").detail(error.to_string())
}
