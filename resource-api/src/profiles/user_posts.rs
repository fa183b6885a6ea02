//! `GET /api/users/{username}/posts`

use actix_web::{
    Responder,
    web::{Data, Json, Path},
};
use shared_claims::actix::Authorized;
use shared_service::page::Page;

use crate::{
    access::{self, ReadPosts},
    app::AppState,
    error::ApiError,
    posts::{Post, PostPage},
    store::{accounts, posts},
};

/// Lists a user's posts
///
/// Newest first.
#[utoipa::path(
    get, path = "/api/users/{username}/posts", tag = "users", operation_id = "listPostsOfUser",
    params(("username" = String, Path, description = "The name, without regard to case."), Page),
    responses(
        (status = 200, description = "A page of posts.", body = PostPage),
        (status = 404, description = "`user_not_found`: nobody who is known here has this name."),
    ),
    security(("accessToken" = ["posts:read"])),
)]
pub async fn user_posts(
    caller: Authorized<ReadPosts>,
    state: Data<AppState>,
    username: Path<String>,
    page: Page,
) -> Result<impl Responder, ApiError> {
    let viewer = access::seen_user(&caller)?;
    let found = state.store.run(move |conn| -> Result<_, ApiError> {
        access::register(conn, viewer.as_ref())?;
        let author = accounts::find_by_username(conn, &username)?.ok_or(ApiError::UserNotFound)?;
        Ok(posts::of_author(conn, &author.sub, &page)?)
    });
    Ok(Json(found.await?.into_page(Post::from)))
}
