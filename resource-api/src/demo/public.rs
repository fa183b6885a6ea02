//! `GET /api/public`: for everybody.

use actix_web::{Responder, web::Json};

use super::Message;

/// Greets everybody
#[utoipa::path(
    get, path = "/api/public", tag = "demo", operation_id = "greetEverybody",
    responses((status = 200, description = "No token is needed.", body = Message)),
)]
pub async fn public() -> impl Responder {
    Json(Message { message: "public endpoint (no token needed)".into() })
}
