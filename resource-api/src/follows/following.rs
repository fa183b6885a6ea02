//! `GET /api/users/{username}/following`

use actix_web::{
    Responder,
    web::{Data, Json, Path},
};
use shared_claims::actix::Authorized;
use shared_service::page::Page;

use super::{ListedUser, ListedUserPage};
use crate::{
    access::{self, ReadPosts},
    app::AppState,
    error::ApiError,
    store::{accounts, follows},
};

/// Lists whom a user follows
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/users/{username}/following", tag = "users", operation_id = "listFollowing",
    params(("username" = String, Path, description = "The name, without regard to case."), Page),
    responses(
        (status = 200, description = "A page of users.", body = ListedUserPage),
        (status = 404, description = "`user_not_found`: nobody who is known here has this name."),
    ),
    security(("accessToken" = ["posts:read"])),
)]
pub async fn following(
    caller: Authorized<ReadPosts>,
    state: Data<AppState>,
    username: Path<String>,
    page: Page,
) -> Result<impl Responder, ApiError> {
    let viewer = access::seen_user(&caller)?;
    let rows = state.store.run(move |conn| -> Result<_, ApiError> {
        access::register(conn, viewer.as_ref())?;
        let account = accounts::find_by_username(conn, &username)?.ok_or(ApiError::UserNotFound)?;
        Ok(follows::following(conn, &account.sub, &page)?)
    });
    Ok(Json(page.build(rows.await?, |row| &row.id, ListedUser::from)))
}
