//! `GET /api/protected`: for every user who is logged in.

use actix_web::{Responder, web::Json};
use shared_claims::actix::AuthenticatedUser;

use super::Message;

/// The handler.
pub async fn protected(user: AuthenticatedUser) -> impl Responder {
    Json(Message { message: format!("protected endpoint (allowed usr {})", user.username) })
}
