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
    posts::Post,
    store::{accounts, posts},
};

/// The handler: the user's posts, newest first.
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
