//! Reading request bodies: bounded in size and time, and never inflated.

use std::{future::Future, time::Duration};

use actix_web::{
    Error, FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header::CONTENT_ENCODING},
    web::{Bytes, PayloadConfig},
};

use crate::Problem;

/// The largest body a server takes, in bytes. The largest honest one is a post of 500 characters, escaped.
pub const MAX_BODY: usize = 16 * 1024;
/// How long a body may take to arrive.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// The limit on bodies, as app data.
pub fn limit() -> PayloadConfig {
    PayloadConfig::new(MAX_BODY)
}

/// Reads a body, of at most [`MAX_BODY`] bytes within ten seconds. One that is compressed is refused: a small one may
/// inflate to any size.
pub fn read(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Error>> + use<> {
    let encoding = request.headers().get(CONTENT_ENCODING);
    let is_plain = encoding.is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let body = Bytes::from_request(request, payload);
    async move {
        if !is_plain {
            return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                .detail("Send the body without Content-Encoding.")
                .into());
        }
        let late =
            |_| Problem::of_status(StatusCode::REQUEST_TIMEOUT).detail("The body did not arrive in time.");
        tokio::time::timeout(MAX_WAIT, body).await.map_err(late)?
    }
}
