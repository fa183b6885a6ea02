//! What others read to check our tokens: the key set (RFC 7517 §5) and the metadata (RFC 8414).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, EntityTag, Header, IfNoneMatch},
    web::Data,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::json;
use shared_claims::{RsaJwk, Scopes};

use crate::app::AppState;

/// The metadata changes with the settings alone.
const METADATA_MAX_AGE_SECONDS: u64 = 300;

#[derive(Serialize)]
struct Jwks<'a> {
    keys: Vec<&'a RsaJwk>,
}

/// `GET /.well-known/jwks.json`: every key that may have signed a good token, and the next one.
pub(crate) async fn jwks(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    let ring = state.keys.ring();
    let keys = ring.keys(state.clock.now_secs()).map(|(key, _)| key.jwk()).collect();
    cacheable(&request, &Jwks { keys }, state.keys.rotation().jwks_max_age().as_secs())
}

/// The members of RFC 8414 §2 that are true of this server.
#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<&'a str>,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 1],
}

/// `GET /.well-known/oauth-authorization-server`. There is no authorization endpoint, so no response type either.
pub(crate) async fn metadata(request: HttpRequest, state: Data<AppState>) -> HttpResponse {
    let issuer = &state.config.issuer;
    let scopes: Scopes = state.issuer.known_scopes();
    let metadata = Metadata {
        issuer: issuer.as_str(),
        token_endpoint: issuer.join("/oauth/token"),
        jwks_uri: issuer.join("/.well-known/jwks.json"),
        scopes_supported: scopes.iter().collect(),
        response_types_supported: [],
        grant_types_supported: ["refresh_token"],
        token_endpoint_auth_methods_supported: ["none"],
    };
    cacheable(&request, &metadata, METADATA_MAX_AGE_SECONDS)
}

/// Public JSON with an `ETag` (RFC 9110 §8.8.3): 304 when the client has it already.
fn cacheable(request: &HttpRequest, body: &impl Serialize, max_age: u64) -> HttpResponse {
    let Ok(json) = serde_json::to_vec(body) else { return HttpResponse::InternalServerError().finish() };
    let tag = EntityTag::new_strong(URL_SAFE_NO_PAD.encode(digest(&SHA256, &json)));
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((CACHE_CONTROL, format!("public, max-age={max_age}")))
        .insert_header((ETAG, tag.to_string()));
    if known { response.finish() } else { response.content_type("application/json").body(json) }
}

/// `GET /`: what runs here.
pub(crate) async fn service() -> HttpResponse {
    let version = env!("CARGO_PKG_VERSION");
    HttpResponse::Ok().json(json!({"service": "auth-server", "status": "running", "version": version}))
}
