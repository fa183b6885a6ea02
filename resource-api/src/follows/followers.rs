//! `GET /api/users/{username}/followers`

use actix_web::{
    Responder,
    web::{Data, Json, Path},
};
use shared_claims::actix::Authorized;
use shared_service::page::Page;

use super::ListedUser;
use crate::{
    access::{self, ReadPosts},
    app::AppState,
    error::ApiError,
    store::{accounts, follows},
};

/// The handler: who follows the user, the newest first.
pub async fn followers(
    caller: Authorized<ReadPosts>,
    state: Data<AppState>,
    username: Path<String>,
    page: Page,
) -> Result<impl Responder, ApiError> {
    let viewer = access::seen_user(&caller)?;
    let rows = state.store.run(move |conn| -> Result<_, ApiError> {
        access::register(conn, viewer.as_ref())?;
        let account = accounts::find_by_username(conn, &username)?.ok_or(ApiError::UserNotFound)?;
        Ok(follows::followers(conn, &account.sub, &page)?)
    });
    Ok(Json(page.build(rows.await?, |row| &row.id, ListedUser::from)))
}
