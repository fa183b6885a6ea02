//! `GET /.well-known/oauth-protected-resource`: what a client must know to call this API (RFC 9728).

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use crate::{access, app::AppState};

/// The metadata changes with the settings alone.
const CACHED: &str = "public, max-age=300";

/// What this file answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "discovery", description = "What a client must know to call this API.")),
    paths(protected_resource),
)]
pub(crate) struct Document;

/// Protected resource metadata (RFC 9728 §2).
#[derive(Debug, Serialize, ToSchema)]
struct ProtectedResource<'a> {
    /// The URL of this API.
    #[schema(format = "uri", examples("https://api.example.org"))]
    resource: &'a str,
    /// The issuers whose tokens are taken.
    #[schema(examples("https://auth.example.org"))]
    authorization_servers: [&'a str; 1],
    /// Every scope that this API knows.
    scopes_supported: [&'static str; 3],
    /// How a token is sent: in the header `Authorization`.
    bearer_methods_supported: [&'static str; 1],
}

/// Describes this API to clients
///
/// Protected resource metadata (RFC 9728): whose tokens are taken, and which scopes there are.
#[utoipa::path(
    get, path = "/.well-known/oauth-protected-resource", tag = "discovery",
    operation_id = "getProtectedResourceMetadata",
    responses((status = 200, description = "The metadata.", body = ProtectedResource<'_>,
        headers(("Cache-Control" = String, description = "For how long it may be kept.")))),
)]
pub async fn protected_resource(state: Data<AppState>) -> HttpResponse {
    let metadata = ProtectedResource {
        resource: state.config.public_url.as_str(),
        authorization_servers: [state.config.auth.issuer.as_str()],
        scopes_supported: access::SCOPES,
        bearer_methods_supported: ["header"],
    };
    HttpResponse::Ok().insert_header((CACHE_CONTROL, CACHED)).json(metadata)
}
