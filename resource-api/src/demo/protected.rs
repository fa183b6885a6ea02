//! `GET /api/protected`: for every user who is logged in.

use actix_web::{Responder, web::Json};
use shared_claims::actix::AuthenticatedUser;

use super::Message;

/// Greets users
///
/// For every user who is logged in, whatever the scope of the token.
#[utoipa::path(
    get, path = "/api/protected", tag = "demo", operation_id = "greetUser",
    responses((status = 200, description = "The caller is a user.", body = Message)),
    security(("accessToken" = [])),
)]
pub async fn protected(user: AuthenticatedUser) -> impl Responder {
    Json(Message { message: format!("protected endpoint (allowed usr {})", user.username) })
}
