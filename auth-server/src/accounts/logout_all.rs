//! `POST /auth/logout-all`: ends every session of the user, this one too.

use actix_web::{HttpResponse, web::Data};

use super::{CurrentUser, changes};
use crate::{app::AppState, error::ApiError};

/// `POST /auth/logout-all`.
pub(crate) async fn logout_all(
    current: CurrentUser,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser(reading) = current;
    let (id, revocation) = (reading.user.id.clone(), state.revocation());
    let end = move |c: &mut _| Ok::<_, ApiError>(changes::end_sessions(c, &id, revocation)?);
    let ended = state.store.transaction(end).await?;
    log::info!("user {} ended all of his {ended} sessions", reading.user.id);
    Ok(HttpResponse::NoContent().finish())
}
