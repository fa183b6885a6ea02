//! `GET /health/live` and `/health/ready`.

use actix_web::{HttpResponse, web::Data};
use shared_service::health::{self, Check, Live, Ready};
use utoipa::OpenApi;

use crate::app::AppState;

/// What this file answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "service", description = "What runs, and whether it works.")),
    paths(live, ready),
)]
pub(crate) struct Document;

/// Tells that the server runs
///
/// The process runs and answers.
#[utoipa::path(
    get, path = "/health/live", tag = "service", operation_id = "getLiveness",
    responses((status = 200, description = "It runs.", body = Live)),
)]
pub async fn live() -> HttpResponse {
    health::live()
}

/// Tells whether the server works
///
/// The database answers, and there are keys to check tokens with. Keys past their time still serve while auth-server is
/// away.
#[utoipa::path(
    get, path = "/health/ready", tag = "service", operation_id = "getReadiness",
    responses(
        (status = 200, description = "It works.", body = Ready),
        (status = 503, description = "`not_ready`: `detail` names the part that does not work."),
    ),
)]
// Keys are fetched when they are first needed, and whoever waits for readiness needs them.
pub async fn ready(state: Data<AppState>) -> HttpResponse {
    let database = (!state.store.ping().await).then_some("does not answer");
    let keys = (!state.verifier.warm_up().await).then_some("auth-server's key set cannot be had");
    health::ready(&[Check { part: "database", failure: database }, Check { part: "keys", failure: keys }])
}
