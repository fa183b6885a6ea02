//! `/health/live` and `/health/ready`.

use actix_web::{HttpResponse, web::Data};
use shared_service::health::{self, Check};
use utoipa::OpenApi;

use crate::app::AppState;

/// What this file answers.
#[derive(OpenApi)]
#[openapi(tags((name = "service", description = "What runs, and whether it works.")), paths(live, ready))]
pub(crate) struct Document;

/// Tells whether the process runs
#[utoipa::path(
    get, path = "/health/live", tag = "service", operation_id = "getLiveness",
    responses((status = 200, description = "It does.", body = health::Live)),
)]
pub(crate) async fn live() -> HttpResponse {
    health::live()
}

/// Tells whether the server can serve
///
/// The database answers and a key may sign.
#[utoipa::path(
    get, path = "/health/ready", tag = "service", operation_id = "getReadiness",
    responses(
        (status = 200, description = "Every part works.", body = health::Ready),
        (status = 503, description = "`not_ready`: `detail` names the parts that do not."),
    ),
)]
pub(crate) async fn ready(state: Data<AppState>) -> HttpResponse {
    let database = (!state.store.ping().await).then_some("does not answer");
    let keys = state.keys.ring().active(state.clock.now_secs()).err().map(|_| "no active signing key");
    health::ready(&[Check { part: "database", failure: database }, Check { part: "keys", failure: keys }])
}
