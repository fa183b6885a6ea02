//! `DELETE /auth/sessions/{id}`: ends one session of the user.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use shared_service::{database::DbConnection, request::RequestOrigin};
use uuid::Uuid;

use crate::{
    access::CurrentUser,
    app::AppState,
    audit::{Actor, Event},
    error::ApiError,
    store::sessions,
};

/// Ends one of one's sessions
///
/// Somebody else's session is answered as if it were not there, and so is one that lives no more.
#[utoipa::path(
    delete, path = "/auth/sessions/{id}", tag = "sessions", operation_id = "endSession",
    params(("id" = String, Path, description = "The session.", format = "uuid")),
    responses(
        (status = 204, description = "The session is over."),
        (status = 404, description = "`session_not_found`: you have no such session."),
    ),
    security(("accessToken" = [])),
)]
pub(crate) async fn end(
    current: CurrentUser,
    state: Data<AppState>,
    origin: RequestOrigin,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let user = current.reading.user;
    // Ids are compared as text, so they are brought into the one spelling that is stored.
    let id = Uuid::parse_str(&id).map_err(|_| ApiError::SessionNotFound)?.to_string();
    let (rules, revocation) = (state.session_rules, state.revocation());
    let recorder = state.recorder(Actor::User((&user).into()), origin);
    let end = move |c: &mut DbConnection| -> Result<(), ApiError> {
        let found = sessions::find(c, &id)?;
        let listed = found.filter(|it| it.user.id == user.id && rules.is_alive(it, revocation.now));
        if listed.is_none() || !sessions::end(c, &id, revocation)? {
            return Err(ApiError::SessionNotFound);
        }
        Ok(recorder.write(c, Event::SessionEnded, Some(&(&user).into()), Some(&id))?)
    };
    state.store.transaction(end).await?;
    Ok(HttpResponse::NoContent().finish())
}
