//! Small endpoints that show who gets in: `GET /`, `/api/public`, `/api/whoami`, `/api/protected`, `/api/admin`.

mod admin;
mod protected;
mod public;
mod whoami;

pub use self::{admin::admin, protected::protected, public::public, whoami::whoami};

use actix_web::{Responder, web::Json};
use serde::Serialize;

/// What `GET /` answers.
#[derive(Debug, Serialize)]
struct ServiceInfo {
    service: &'static str,
    status: &'static str,
    version: &'static str,
}

/// What an endpoint answers that has something to say and no more.
#[derive(Debug, Serialize)]
struct Message {
    message: String,
}

/// The handler of `GET /`.
pub async fn service() -> impl Responder {
    Json(ServiceInfo { service: "resource-api", status: "running", version: env!("CARGO_PKG_VERSION") })
}
