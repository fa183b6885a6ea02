//! `GET /api/timeline`: a user's own posts and those of whom he follows, newest first.

use actix_web::{
    Responder,
    web::{Data, Json},
};
use shared_claims::actix::AuthorizedUser;
use shared_service::page::Page;

use crate::{
    access::ReadPosts,
    app::AppState,
    error::ApiError,
    posts::Post,
    store::{
        accounts::{self, SeenUser},
        timeline,
    },
};

/// The handler.
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
