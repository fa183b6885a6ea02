//! `DELETE /api/posts/{id}`

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use shared_claims::actix::{AuthenticatedUser, check};

use super::parse_id;
use crate::{
    access::{Administrate, WritePosts},
    app::AppState,
    error::ApiError,
    store::{
        accounts::{self, SeenUser},
        posts::{self, Deletable},
    },
};

/// Deletes a post
///
/// An author's own posts, or any for an administrator. What the caller may not delete is answered as if it were not there.
/// The scope is `posts:write`, or for an administrator `admin`.
#[utoipa::path(
    delete, path = "/api/posts/{id}", tag = "posts", operation_id = "deletePost",
    params(("id" = String, Path, description = "The id of the post.", format = "uuid")),
    responses(
        (status = 204, description = "The post is deleted."),
        (status = 404, description = "`post_not_found`: there is no such post, or none that you may delete."),
    ),
    security(("accessToken" = ["posts:write"]), ("accessToken" = ["admin"])),
)]
pub async fn delete(
    user: AuthenticatedUser,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let caller = SeenUser::try_from(&user)?;
    let deletable = if check::<Administrate>(user.claims()).is_ok() {
        Deletable::Any
    } else {
        check::<WritePosts>(user.claims())?;
        Deletable::Of(caller.sub.clone())
    };
    let id = parse_id(&id)?;
    let now = state.clock.now_ms();
    let is_deleted = state.store.run(move |conn| -> Result<_, ApiError> {
        accounts::register(conn, &caller)?;
        Ok(posts::mark_deleted(conn, &id, &deletable, now)?)
    });
    if is_deleted.await? { Ok(HttpResponse::NoContent().finish()) } else { Err(ApiError::PostNotFound) }
}
