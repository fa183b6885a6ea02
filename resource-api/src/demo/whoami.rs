//! `GET /api/whoami`: what the caller's token says; also for callers without one.

use actix_web::{Responder, web::Json};
use serde::Serialize;
use shared_claims::{AccessClaims, Principal, Scopes, actix::MaybeAuthenticated};
use shared_service::UtcTime;

/// The answer. A service has no `username` and no `roles`; `client_id` tells which it is.
#[derive(Debug, Serialize)]
struct Identity {
    authenticated: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
}

#[derive(Debug, Serialize)]
struct Token {
    username: Option<String>,
    roles: Vec<String>,
    client_id: String,
    scope: Scopes,
    expires_at: UtcTime,
}

impl From<AccessClaims> for Token {
    fn from(claims: AccessClaims) -> Self {
        let (username, roles) = match claims.principal() {
            Principal::User(user) => (Some(user.username.to_owned()), user.roles.to_vec()),
            Principal::Service { .. } => (None, Vec::new()),
        };
        let expires_at = UtcTime::from_secs(claims.exp);
        Self { username, roles, client_id: claims.client_id, scope: claims.scope, expires_at }
    }
}

/// The handler. A token that is not good is refused, never taken for none.
pub async fn whoami(MaybeAuthenticated(claims): MaybeAuthenticated) -> impl Responder {
    Json(Identity { authenticated: claims.is_some(), token: claims.map(Token::from) })
}
