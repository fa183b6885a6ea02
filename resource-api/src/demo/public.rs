//! `GET /api/public`: for everybody.

use actix_web::{Responder, web::Json};

use super::Message;

/// The handler.
pub async fn public() -> impl Responder {
    Json(Message { message: "public endpoint (no token needed)".into() })
}
