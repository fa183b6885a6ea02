//! CORS (Fetch standard): an exact allowlist for the API, and an open door for what is public anyway.

use actix_cors::Cors;
use actix_web::http::{Method, header};

use crate::config::Origin;

const PREFLIGHT_MAX_AGE_SECONDS: usize = 600;

/// Lets the listed origins in, and with `credentials` lets them send cookies.
pub fn allowlist(origins: &[Origin], credentials: bool) -> Cors {
    let cors = Cors::default()
        .allowed_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT, header::IF_NONE_MATCH])
        .expose_headers([
            header::HeaderName::from_static("x-request-id"),
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            header::LOCATION,
        ])
        .max_age(PREFLIGHT_MAX_AGE_SECONDS);
    let cors = origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin.as_str()));
    if credentials { cors.supports_credentials() } else { cors }
}

/// Lets every origin read, without credentials: key sets and metadata are public.
pub fn open() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods([Method::GET, Method::HEAD])
        .allow_any_header()
        .expose_headers([header::HeaderName::from_static("x-request-id"), header::ETAG, header::RETRY_AFTER])
        .max_age(PREFLIGHT_MAX_AGE_SECONDS)
}
