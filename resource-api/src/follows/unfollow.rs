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

/// The handler: 204, also for one who did not follow.
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
