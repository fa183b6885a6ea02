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
        posts,
    },
};

/// The handler.
pub async fn timeline(
    user: AuthorizedUser<ReadPosts>,
    state: Data<AppState>,
    page: Page,
) -> Result<impl Responder, ApiError> {
    let viewer = SeenUser::from(&user);
    let rows = state.store.run(move |conn| -> Result<_, ApiError> {
        accounts::register(conn, &viewer)?;
        Ok(posts::timeline(conn, &viewer.sub, &page)?)
    });
    Ok(Json(page.build(rows.await?, |row| &row.id, Post::from)))
}
