//! Small endpoints that show who gets in: `GET /`, `/api/public`, `/api/whoami`, `/api/protected`, `/api/admin`.

mod admin;
mod protected;
mod public;
mod whoami;

pub use self::{admin::admin, protected::protected, public::public, whoami::whoami};

use actix_web::{Responder, web::Json};
use serde::Serialize;
use shared_service::service_info::ServiceInfo;
use utoipa::{OpenApi, ToSchema};

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "demo", description = "Small endpoints that show who gets in.")),
    paths(service, public::public, whoami::whoami, protected::protected, admin::admin),
)]
pub(crate) struct Document;

/// What an endpoint answers that has something to say and no more.
#[derive(Debug, Serialize, ToSchema)]
struct Message {
    message: String,
}

/// Tells which program runs
#[utoipa::path(
    get, path = "/", tag = "service", operation_id = "getServiceInfo",
    responses((status = 200, description = "The program and its version.", body = ServiceInfo)),
)]
pub async fn service() -> impl Responder {
    Json(ServiceInfo::new("resource-api", env!("CARGO_PKG_VERSION")))
}
