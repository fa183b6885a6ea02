//! `DELETE /auth/user`: deletes the account, and frees its name.

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use shared_service::json::Json;
use zeroize::Zeroizing;

use super::{CurrentUser, changes, confirm::confirm_password};
use crate::{app::AppState, error::ApiError};

/// The body.
#[derive(Deserialize)]
pub(crate) struct DeleteRequest {
    password: Zeroizing<String>,
}

/// `DELETE /auth/user`. The last active administrator cannot go.
pub(crate) async fn delete(
    current: CurrentUser,
    state: Data<AppState>,
    Json(body): Json<DeleteRequest>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser(reading) = current;
    let user = reading.user;
    confirm_password(&state, &user, &body.password, "password").await?;
    let (id, revocation) = (user.id.clone(), state.revocation());
    let change = move |c: &mut _| Ok::<_, ApiError>(changes::delete(c, (&id, user.version), revocation)?);
    state.store.transaction(change).await?;
    log::info!("user {} deleted his account", user.id);
    Ok(HttpResponse::NoContent().finish())
}
