//! What every request passes through: an id, one access line, and errors in one envelope, their causes logged.

use std::{convert::Infallible, fmt, net::IpAddr, time::Instant};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use futures_util::future::{Ready, ready};
use serde_json::{Map, Value};

use crate::{
    client_address,
    problem::{PROBLEM_JSON, Problem},
};

/// The response header that carries the request id.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How many characters of a path are logged; ours are shorter.
const LOGGED_PATH: usize = 200;

/// What ties an answer, its problem body and its log lines together. 64 random bits, in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(u64);

impl RequestId {
    fn random() -> Self {
        // An id that repeats is a nuisance and no danger, so a failing random source must not fail the request.
        Self(getrandom::u64().unwrap_or(0))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Where a request comes from and what it is called in the log. An extractor; inside [`request_scope`] both are there.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestOrigin {
    /// The address of whoever asks, as far as the peer and the trusted proxies tell.
    pub address: Option<IpAddr>,
    /// The id that is returned as `X-Request-Id`.
    pub request_id: Option<RequestId>,
}

impl RequestOrigin {
    /// The origin of this request.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get().copied().unwrap_or_default()
    }
}

impl FromRequest for RequestOrigin {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// The outermost middleware of both servers.
///
/// - Gives the request an id, returned as `X-Request-Id`.
/// - Answers HEAD as GET; the connection layer leaves the body out (RFC 9110 §9.3.2).
/// - Turns errors that have no body of ours (unknown route, wrong method, too large …) into problems, and adds
///   `request_id` to every problem. CORS headers, set further in, stay as they are.
/// - Logs the cause of a failure of ours, once, under the request id; a cause is never sent.
/// - Writes one access line. The query is left out of it: it may hold what is nobody's business.
pub async fn request_scope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = RequestId::random();
    let method = request.method().clone();
    let path: String = request.path().chars().take(LOGGED_PATH).collect();
    let address = client_address::of(&request);
    request.extensions_mut().insert(RequestOrigin { address, request_id: Some(id) });
    if method == Method::HEAD {
        request.head_mut().method = Method::GET;
    }

    let response = next.call(request).await?.map_into_boxed_body();
    log_cause(&response, id);
    let mut response = if response.status().as_u16() >= 400 { with_problem(response, id) } else { response };
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    let status = response.status().as_u16();
    let address = address.map_or_else(|| "-".to_owned(), |address| address.to_string());
    log::info!(target: "access", "{method} {path} {status} {millis:.1}ms {address} {id}");
    Ok(response)
}

/// Every server error came from an error value, whose text tells the cause with its chain.
fn log_cause(response: &ServiceResponse, id: RequestId) {
    let status = response.status().as_u16();
    let Some(cause) = response.response().error() else { return };
    match status {
        503 => log::warn!("{status} {id}: {cause}"),
        500.. => log::error!("{status} {id}: {cause}"),
        _ => {}
    }
}

/// Completes the body of an error. Bodies of other media types (RFC 6749 errors) are left alone.
fn with_problem(response: ServiceResponse, id: RequestId) -> ServiceResponse {
    let status = response.status();
    match content_type(response.headers()) {
        Some(PROBLEM_JSON) => {}
        Some(json) if json.starts_with("application/") => return response,
        _ => return fill(response, of_status(status), id),
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let parsed = body.try_into_bytes().ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let response = ServiceResponse::new(request, response.set_body(BoxBody::new(())));
    fill(response, parsed.unwrap_or_else(|| of_status(status)), id)
}

fn of_status(status: StatusCode) -> Map<String, Value> {
    match serde_json::to_value(Problem::of_status(status)) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn fill(response: ServiceResponse, mut problem: Map<String, Value>, id: RequestId) -> ServiceResponse {
    problem.insert("request_id".into(), id.to_string().into());
    let body = Value::Object(problem).to_string();
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    response
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim)
}
