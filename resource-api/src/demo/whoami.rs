//! `GET /api/whoami`: what the caller's token says; also for callers without one.

use actix_web::{Responder, web::Json};
use serde::Serialize;
use shared_claims::{AccessClaims, Principal, Scopes, actix::MaybeAuthenticated};
use shared_service::UtcTime;
use utoipa::{
    ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum Identity {
    Anonymous(Anonymous),
    TokenHolder(TokenHolder),
}

/// Somebody who has sent no token.
#[derive(Debug, Serialize, ToSchema)]
struct Anonymous {
    #[schema(schema_with = only::<false>)]
    authenticated: bool,
}

/// What the token says. A service has no `username` and no `roles`; `client_id` tells which it is.
#[derive(Debug, Serialize, ToSchema)]
struct TokenHolder {
    #[schema(schema_with = only::<true>)]
    authenticated: bool,
    /// The user's name; null for a service.
    #[schema(required)]
    username: Option<String>,
    /// The user's roles; none for a service.
    #[schema(examples("user"))]
    roles: Vec<String>,
    /// The program that got the token.
    #[schema(examples("first-party"))]
    client_id: String,
    /// What the token allows: scopes with blanks between.
    #[schema(value_type = String, examples("posts:read posts:write"))]
    scope: Scopes,
    /// When the token ends.
    expires_at: UtcTime,
}

fn only<const VALUE: bool>() -> Object {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([VALUE])).build()
}

impl From<AccessClaims> for TokenHolder {
    fn from(claims: AccessClaims) -> Self {
        let (username, roles) = match claims.principal() {
            Principal::User(user) => (Some(user.username.to_owned()), user.roles.to_vec()),
            Principal::Service { .. } => (None, Vec::new()),
        };
        let expires_at = UtcTime::from_secs(claims.exp);
        Self {
            authenticated: true,
            username,
            roles,
            client_id: claims.client_id,
            scope: claims.scope,
            expires_at,
        }
    }
}

/// Tells who asks
///
/// With or without a token. One that is not good is refused, never taken for none.
#[utoipa::path(
    get, path = "/api/whoami", tag = "demo", operation_id = "whoAmI",
    responses((status = 200, description = "What the token says, if there is one.", body = Identity)),
    security((), ("accessToken" = [])),
)]
pub async fn whoami(MaybeAuthenticated(claims): MaybeAuthenticated) -> impl Responder {
    Json(match claims {
        Some(claims) => Identity::TokenHolder(claims.into()),
        None => Identity::Anonymous(Anonymous { authenticated: false }),
    })
}
