//! What others read to check our tokens: the key set (RFC 7517 §5) and the metadata (RFC 8414).

use std::{collections::BTreeSet, time::Duration};

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Serialize;
use shared_claims::{RsaJwk, Scopes};
use shared_service::{public_document::PublicDocument, service_info::ServiceInfo};
use utoipa::{OpenApi, ToSchema};

use crate::{accounts::USERS_READ, app::AppState, error::ApiError, oauth::INTROSPECT};

/// What this file answers.
#[derive(OpenApi)]
#[openapi(
    tags(
        (name = "discovery", description = "What others read to check our tokens."),
    ),
    paths(service, jwks, metadata),
)]
pub(crate) struct Document;

/// The metadata changes with the settings alone.
const METADATA_MAX_AGE: Duration = Duration::from_mins(5);

/// A key set (RFC 7517 §5).
#[derive(Serialize, ToSchema)]
#[schema(as = KeySet)]
struct Jwks<'a> {
    #[schema(value_type = Vec<Jwk>)]
    keys: Vec<&'a RsaJwk>,
}

/// A public RSA key (RFC 7517 §4, RFC 7518 §6.3.1).
#[derive(ToSchema)]
#[schema(as = PublicKey)]
#[expect(dead_code, reason = "it describes `shared_claims::RsaJwk`, which depends on serde alone")]
struct Jwk {
    #[schema(examples("RSA"))]
    kty: String,
    #[schema(examples("sig"))]
    r#use: String,
    #[schema(examples("RS256"))]
    alg: String,
    kid: String,
    /// The modulus, base64url.
    n: String,
    /// The public exponent, base64url.
    e: String,
}

/// Gets the public keys
///
/// Every key that may have signed a good token, and the next one.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "discovery", operation_id = "getKeySet",
    responses(
        (status = 200, description = "The key set.", body = Jwks<'_>, headers(("ETag" = String),
            ("Cache-Control" = String, description = "For how long it may be kept."))),
        (status = 304, description = "It is as the tag in `If-None-Match` says."),
    ),
)]
pub(crate) async fn jwks(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let ring = state.keys.ring();
    let keys = ring.keys(state.clock.now_secs()).map(|(key, _)| key.jwk()).collect();
    Ok(PublicDocument::json(&Jwks { keys })?.answer(&request, state.keys.rotation().jwks_max_age()))
}

/// Scopes that open endpoints of ours to services, beside those that roles grant to users.
const SCOPES_OF_SERVICES: [&str; 2] = [INTROSPECT, USERS_READ];

/// The members of RFC 8414 §2, and of draft-ietf-oauth-status-list §9.3, that are true of this server.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerMetadata)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    jwks_uri: String,
    status_list_aggregation_endpoint: String,
    scopes_supported: BTreeSet<&'a str>,
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
}

/// Gets the metadata of the authorization server
///
/// RFC 8414. There is no authorization endpoint, so no response type either.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", tag = "discovery", operation_id = "getServerMetadata",
    responses(
        (status = 200, description = "The metadata.", body = Metadata<'_>, headers(("ETag" = String),
            ("Cache-Control" = String, description = "For how long it may be kept."))),
        (status = 304, description = "It is as the tag in `If-None-Match` says."),
    ),
)]
pub(crate) async fn metadata(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, ApiError> {
    let issuer = &state.config.issuer;
    let scopes: Scopes = state.issuer.known_scopes();
    let metadata = Metadata {
        issuer: issuer.as_str(),
        token_endpoint: issuer.join("/oauth/token"),
        revocation_endpoint: issuer.join("/oauth/revoke"),
        introspection_endpoint: issuer.join("/oauth/introspect"),
        jwks_uri: issuer.join("/.well-known/jwks.json"),
        status_list_aggregation_endpoint: issuer.join("/oauth/status-lists"),
        scopes_supported: scopes.iter().chain(SCOPES_OF_SERVICES).collect(),
        response_types_supported: [],
        grant_types_supported: ["refresh_token", "client_credentials"],
        token_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: ["none", "client_secret_basic", "client_secret_post"],
        // An access token of the service's own is a method, too, under the name of its type.
        introspection_endpoint_auth_methods_supported: [
            "client_secret_basic",
            "client_secret_post",
            "Bearer",
        ],
    };
    Ok(PublicDocument::json(&metadata)?.answer(&request, METADATA_MAX_AGE))
}

/// Tells which program runs
#[utoipa::path(
    get, path = "/", tag = "service", operation_id = "getServiceInfo",
    responses((status = 200, description = "The program and its version.", body = ServiceInfo)),
)]
pub(crate) async fn service() -> HttpResponse {
    HttpResponse::Ok().json(ServiceInfo::new("auth-server", env!("CARGO_PKG_VERSION")))
}
