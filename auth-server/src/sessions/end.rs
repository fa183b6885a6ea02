//! `DELETE /auth/sessions/{id}`: ends one session of the user.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use shared_service::database::DbConnection;
use uuid::Uuid;

use crate::{accounts::CurrentUser, app::AppState, error::ApiError, store::sessions};

/// `DELETE /auth/sessions/{id}`. Somebody else's session is answered as if it were not there, and so is one that lives
/// no more.
pub(crate) async fn end(
    current: CurrentUser,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser(reading) = current;
    // Ids are compared as text, so they are brought into the one spelling that is stored.
    let id = Uuid::parse_str(&id).map_err(|_| ApiError::SessionNotFound)?.to_string();
    let (rules, revocation) = (state.session_rules, state.revocation());
    let (session_id, user_id) = (id.clone(), reading.user.id.clone());
    let is_his = move |c: &mut DbConnection| -> Result<bool, ApiError> {
        let found = sessions::find(c, &session_id)?;
        let listed = found.filter(|it| it.user.id == user_id && rules.is_alive(it, revocation.now));
        Ok(listed.is_some() && sessions::end(c, &session_id, revocation)?)
    };
    if !state.store.transaction(is_his).await? {
        return Err(ApiError::SessionNotFound);
    }
    log::info!("user {} ended his session {id}", reading.user.id);
    Ok(HttpResponse::NoContent().finish())
}
