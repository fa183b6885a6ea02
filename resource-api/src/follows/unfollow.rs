//! `DELETE /api/users/{username}/follow`

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use shared_claims::actix::AuthorizedUser;

use crate::{
    access::WritePosts,
    app::AppState,
    error::ApiError,
    store::{
        accounts::{self, SeenUser},
        follows,
    },
};

/// Follows a user no more
///
/// Also for one who did not follow.
#[utoipa::path(
    delete, path = "/api/users/{username}/follow", tag = "users", operation_id = "unfollowUser",
    params(("username" = String, Path, description = "The name, without regard to case.")),
    responses(
        (status = 204, description = "You do not follow the user."),
        (status = 404, description = "`user_not_found`: nobody who is known here has this name."),
        (status = 422, description = "`cannot_follow_self`."),
    ),
    security(("accessToken" = ["posts:write"])),
)]
pub async fn unfollow(
    user: AuthorizedUser<WritePosts>,
    state: Data<AppState>,
    username: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let caller = SeenUser::try_from(&user)?;
    let removed = state.store.run(move |conn| -> Result<_, ApiError> {
        accounts::register(conn, &caller)?;
        let target = accounts::find_by_username(conn, &username)?.ok_or(ApiError::UserNotFound)?;
        if target.sub == caller.sub {
            return Err(ApiError::CannotFollowSelf);
        }
        Ok(follows::delete(conn, &caller.sub, &target.sub)?)
    });
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}
