//! Answers that many operations can give, written once.

use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, RefOr, Response, ResponseBuilder,
    schema::{ObjectBuilder, SchemaType, Type},
};

use super::schema_of;
use crate::problem::{PROBLEM_JSON, Problem};

/// A status, and the name of the answer.
type Named = (&'static str, &'static str);

pub(super) const OF_TOKEN: [Named; 2] = [("401", "Unauthenticated"), ("403", "Forbidden")];
pub(super) const OF_OPTIONAL_TOKEN: [Named; 1] = [("401", "Unauthenticated")];
pub(super) const OF_QUERY: [Named; 1] = [("422", "InvalidInput")];
pub(super) const OF_JSON: [Named; 5] = [
    ("400", "InvalidJson"),
    ("408", "BodyTimeout"),
    ("413", "BodyTooLarge"),
    ("415", "UnsupportedMediaType"),
    ("422", "InvalidInput"),
];
pub(super) const OF_FAILURE: [Named; 2] = [("500", "InternalError"), ("503", "Unavailable")];

/// The answer that a status has when nothing is said of it.
pub(super) fn usual(status: &str) -> Option<&'static str> {
    let all = [&OF_TOKEN[..], &OF_JSON, &OF_FAILURE, &[("429", "TooManyRequests")]].concat();
    all.into_iter().find_map(|(of, name)| (of == status).then_some(name))
}

/// Makes an answer a problem.
pub(super) fn make_problem(answer: &mut Response, status: &str) {
    let content = ContentBuilder::new().schema(Some(schema_of::<Problem>())).build();
    answer.content.insert(PROBLEM_JSON.to_owned(), content.into());
    if ["429", "503"].contains(&status) {
        answer.headers.insert("Retry-After".to_owned(), retry_after().into());
    }
}

/// All of them, for the components of a description.
pub(super) fn all() -> impl Iterator<Item = (String, RefOr<Response>)> {
    let problems = [
        ("InvalidJson", "`invalid_json`: the body is not JSON. `bad_request`: it cannot be read."),
        ("BodyTimeout", "`request_timeout`: the body did not arrive in time."),
        ("BodyTooLarge", "`body_too_large`: the body has more than 16 KiB."),
        (
            "UnsupportedMediaType",
            "`unsupported_media_type`: the body is not sent as the described media type, or it is compressed.",
        ),
        (
            "InvalidInput",
            "`invalid_input`: the request was understood, but cannot be accepted; `errors` names the members or parameters \
             at fault.",
        ),
        ("InternalError", "`internal`: the server failed. The `request_id` finds the cause in its log."),
    ];
    let problems = problems.map(|(name, text)| (name, answer(text)));
    let with_headers = [
        (
            "Unauthenticated",
            answer("No access token was sent, or none that is good: log in, or refresh the session.")
                .header("WWW-Authenticate", header(Type::String, "The challenge of RFC 6750 §3.")),
        ),
        (
            "Forbidden",
            answer(
                "The token is good but does not allow this. `insufficient_scope`: it lacks a scope or a role. \
                 `user_required`: it is a service's, and this is for users.",
            )
            .header("WWW-Authenticate", what_is_lacking()),
        ),
        (
            "TooManyRequests",
            retryable(
                "`too_many_requests`: this was asked for too often. Wait as long as `Retry-After` says.",
            ),
        ),
        (
            "Unavailable",
            retryable(
                "A part that the server needs, such as its database or the keys of auth-server, does not answer. The token \
                 may be good; try the same again after `Retry-After`.",
            ),
        ),
    ];
    problems.into_iter().chain(with_headers).map(|(name, answer)| (name.to_owned(), answer.build().into()))
}

fn answer(description: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(schema_of::<Problem>())).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content)
}

fn retryable(description: &str) -> ResponseBuilder {
    answer(description).header("Retry-After", retry_after())
}

fn retry_after() -> Header {
    header(Type::Integer, "Whole seconds to wait, at least one.")
}

/// Not with what a server refuses by codes of its own.
fn what_is_lacking() -> Header {
    let what = "With these two: the scope by its name, or all that is lacking in words (RFC 6750 §3).";
    header(SchemaType::from_iter([Type::String, Type::Null]), what)
}

fn header(of: impl Into<SchemaType>, description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(of)))
        .description(Some(description))
        .build()
}
