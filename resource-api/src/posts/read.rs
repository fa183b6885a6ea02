//! `GET /api/posts/{id}`

use actix_web::{
    Responder,
    web::{Data, Json, Path},
};
use shared_claims::actix::Authorized;

use super::{Post, parse_id};
use crate::{
    access::{self, ReadPosts},
    app::AppState,
    error::ApiError,
    store::posts,
};

/// Reads a post
#[utoipa::path(
    get, path = "/api/posts/{id}", tag = "posts", operation_id = "getPost",
    params(("id" = String, Path, description = "The id of the post.", format = "uuid")),
    responses(
        (status = 200, description = "The post.", body = Post),
        (status = 404, description = "`post_not_found`: there is no such post, or no more."),
    ),
    security(("accessToken" = ["posts:read"])),
)]
pub async fn read(
    caller: Authorized<ReadPosts>,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let viewer = access::seen_user(&caller)?;
    let id = parse_id(&id)?;
    let post = state.store.run(move |conn| -> Result<_, ApiError> {
        access::register(conn, viewer.as_ref())?;
        posts::find(conn, &id)?.ok_or(ApiError::PostNotFound)
    });
    Ok(Json(Post::from(post.await?)))
}
