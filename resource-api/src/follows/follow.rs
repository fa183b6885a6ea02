//! `PUT /api/users/{username}/follow`

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
        follows::{self, NewFollow},
    },
};

/// The handler: 204, also for one who follows already.
pub async fn follow(
    user: AuthorizedUser<WritePosts>,
    state: Data<AppState>,
    username: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let caller = SeenUser::from(&user);
    let created_at = state.clock.now_ms();
    let id = state.ids.next(created_at).to_string();
    let stored = state.store.run(move |conn| -> Result<_, ApiError> {
        accounts::register(conn, &caller)?;
        let target = accounts::find_by_username(conn, &username)?.ok_or(ApiError::UserNotFound)?;
        if target.sub == caller.sub {
            return Err(ApiError::CannotFollowSelf);
        }
        let follow = NewFollow { id, follower_sub: caller.sub, followee_sub: target.sub, created_at };
        Ok(follows::insert(conn, &follow)?)
    });
    stored.await?;
    Ok(HttpResponse::NoContent().finish())
}
