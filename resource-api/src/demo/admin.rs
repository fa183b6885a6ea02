//! `GET /api/admin`: for administrators.

use actix_web::{Responder, web::Json};
use shared_claims::actix::AuthorizedUser;

use super::Message;
use crate::access::Administrate;

/// Greets administrators
///
/// The role `admin` and the scope `admin` are needed, so that narrowing a token's scope really narrows it.
#[utoipa::path(
    get, path = "/api/admin", tag = "demo", operation_id = "greetAdmin",
    responses((status = 200, description = "The caller is an administrator.", body = Message)),
    security(("accessToken" = ["admin"])),
)]
pub async fn admin(user: AuthorizedUser<Administrate>) -> impl Responder {
    Json(Message { message: format!("admin endpoint (allowed usr {})", user.username) })
}
