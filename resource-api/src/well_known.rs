//! `GET /.well-known/oauth-protected-resource`: what a client must know to call this API (RFC 9728).

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde::Serialize;

use crate::{access, app::AppState};

/// The metadata changes with the settings alone.
const CACHED: &str = "public, max-age=300";

/// Protected resource metadata (RFC 9728 §2).
#[derive(Debug, Serialize)]
struct ProtectedResource<'a> {
    resource: &'a str,
    authorization_servers: [&'a str; 1],
    scopes_supported: [&'static str; 3],
    bearer_methods_supported: [&'static str; 1],
}

/// The handler.
pub async fn protected_resource(state: Data<AppState>) -> HttpResponse {
    let metadata = ProtectedResource {
        resource: state.config.public_url.as_str(),
        authorization_servers: [state.config.auth.issuer.as_str()],
        scopes_supported: access::SCOPES,
        bearer_methods_supported: ["header"],
    };
    HttpResponse::Ok().insert_header((CACHE_CONTROL, CACHED)).json(metadata)
}
