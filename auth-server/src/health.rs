//! `/health/live` and `/health/ready`.

use actix_web::{HttpResponse, web::Data};
use shared_service::health::{self, Check};

use crate::app::AppState;

/// `GET /health/live`.
pub(crate) async fn live() -> HttpResponse {
    health::live()
}

/// `GET /health/ready`: the database answers and a key may sign.
pub(crate) async fn ready(state: Data<AppState>) -> HttpResponse {
    let database = (!state.store.ping().await).then_some("does not answer");
    let keys = state.keys.ring().active(state.clock.now_secs()).err().map(|_| "no active signing key");
    health::ready(&[Check { part: "database", failure: database }, Check { part: "keys", failure: keys }])
}
