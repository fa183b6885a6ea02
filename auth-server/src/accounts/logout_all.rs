//! `POST /auth/logout-all`: ends every session of the user, this one too.

use actix_web::{HttpResponse, web::Data};
use shared_service::request::RequestOrigin;

use super::{Change, ChangeError, changes};
use crate::{
    access::CurrentUser,
    app::AppState,
    audit::{Actor, Event},
    error::ApiError,
};

/// Logs out everywhere
///
/// Ends every session of the user, this one too.
#[utoipa::path(
    post, path = "/auth/logout-all", tag = "sessions", operation_id = "logOutEverywhere",
    responses((status = 204, description = "Every session is over.")),
    security(("accessToken" = [])),
)]
pub(crate) async fn logout_all(
    current: CurrentUser,
    state: Data<AppState>,
    origin: RequestOrigin,
) -> Result<HttpResponse, ApiError> {
    let user = current.reading.user;
    let change = Change::new(&state, Actor::User((&user).into()), origin);
    let end = move |c: &mut _| match changes::end_sessions(c, &user.id, Event::LoggedOutEverywhere, &change) {
        // Whoever was deleted meanwhile has no session left.
        Ok(_) | Err(ChangeError::Absent) => Ok(()),
        Err(error) => Err(ApiError::from(error)),
    };
    state.store.transaction(end).await?;
    Ok(HttpResponse::NoContent().finish())
}
