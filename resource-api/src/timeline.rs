//! `GET /api/timeline`: a user's own posts and those of whom he follows, newest first.

use actix_web::{
    Responder,
    web::{Data, Json},
};
use shared_claims::actix::AuthorizedUser;
use shared_service::page::Page;
use utoipa::OpenApi;

use crate::{
    access::ReadPosts,
    app::AppState,
    error::ApiError,
    posts::{Post, PostPage},
    store::{
        accounts::{self, SeenUser},
        timeline,
    },
};

/// What this file answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "timeline", description = "What there is to read for a user.")),
    paths(timeline),
)]
pub(crate) struct Document;

/// Reads one's timeline
///
/// One's own posts and those of whom one follows, newest first. A page may be short, or empty, and not the last:
/// `next_cursor` tells.
#[utoipa::path(
    get, path = "/api/timeline", tag = "timeline", operation_id = "getTimeline",
    params(Page),
    responses((status = 200, description = "A page of posts.", body = PostPage)),
    security(("accessToken" = ["posts:read"])),
)]
pub async fn timeline(
    user: AuthorizedUser<ReadPosts>,
    state: Data<AppState>,
    page: Page,
) -> Result<impl Responder, ApiError> {
    let viewer = SeenUser::try_from(&user)?;
    let found = state.store.run(move |conn| -> Result<_, ApiError> {
        accounts::register(conn, &viewer)?;
        Ok(timeline::page(conn, &viewer.sub, &page)?)
    });
    Ok(Json(found.await?.into_page(Post::from)))
}
