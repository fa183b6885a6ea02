//! `GET /health/live` and `/health/ready`.

use actix_web::{HttpResponse, web::Data};
use shared_service::health::{self, Check};

use crate::app::AppState;

/// The process runs and answers.
pub async fn live() -> HttpResponse {
    health::live()
}

/// The database answers, and there are keys to check tokens with. Keys past their time still serve while auth-server is
/// away. Keys are fetched when they are first needed, and whoever waits for readiness needs them.
pub async fn ready(state: Data<AppState>) -> HttpResponse {
    let database = (!state.store.ping().await).then_some("does not answer");
    let keys = (!state.verifier.warm_up().await).then_some("auth-server's key set cannot be had");
    health::ready(&[Check { part: "database", failure: database }, Check { part: "keys", failure: keys }])
}
