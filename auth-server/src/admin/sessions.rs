//! `GET` and `DELETE /admin/users/{id}/sessions`: where a user is logged in; logs him out everywhere.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use shared_service::{page::Page, request::RequestOrigin};

use super::user::user_id;
use crate::{
    access::CurrentAdmin,
    accounts::{Change, changes},
    app::AppState,
    audit::{Actor, Event},
    error::ApiError,
    sessions::{SessionPage, SessionView},
    store::{sessions, users},
};

/// Lists the sessions of a user
///
/// Those that live, newest first.
#[utoipa::path(
    get, path = "/admin/users/{id}/sessions", tag = "admin-users", operation_id = "listUserSessions",
    params(("id" = String, Path, description = "The user.", format = "uuid"), Page),
    responses(
        (status = 200, description = "A page of sessions.", body = SessionPage),
        (status = 404, description = "`user_not_found`."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn list_sessions(
    _: CurrentAdmin,
    state: Data<AppState>,
    id: Path<String>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let living = state.session_rules.living_at(state.clock.now_secs());
    let read = move |c: &mut _| {
        users::find(c, &id)?.ok_or(ApiError::UserNotFound)?;
        Ok(sessions::living_page(c, &id, living, &page)?)
    };
    let rows = state.store.run::<_, ApiError, _>(read).await?;
    Ok(HttpResponse::Ok().json(page.build(rows, |row| &row.id, SessionView::from)))
}

/// Logs a user out everywhere
///
/// He can log in again: to keep him out, switch the account off.
#[utoipa::path(
    delete, path = "/admin/users/{id}/sessions", tag = "admin-users", operation_id = "endUserSessions",
    params(("id" = String, Path, description = "The user.", format = "uuid")),
    responses(
        (status = 204, description = "Every session of his is over."),
        (status = 404, description = "`user_not_found`."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn end_sessions(
    CurrentAdmin(admin): CurrentAdmin,
    origin: RequestOrigin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let change = Change::new(&state, Actor::User((&admin).into()), origin);
    let end = move |c: &mut _| changes::end_sessions(c, &id, Event::UserSessionsEnded, &change);
    state.store.transaction(move |c| Ok::<_, ApiError>(end(c)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}
