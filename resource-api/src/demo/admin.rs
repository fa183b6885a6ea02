//! `GET /api/admin`: for administrators.

use actix_web::{Responder, web::Json};
use shared_claims::actix::AuthorizedUser;

use super::Message;
use crate::access::Administrate;

/// The handler.
pub async fn admin(user: AuthorizedUser<Administrate>) -> impl Responder {
    Json(Message { message: format!("admin endpoint (allowed usr {})", user.username) })
}
