//! `GET /api/users/{username}`

use actix_web::{
    Responder,
    web::{Data, Json, Path},
};
use serde::Serialize;
use shared_claims::actix::Authorized;
use shared_service::database::DbConnection;

use crate::{
    access::{self, ReadPosts},
    app::AppState,
    error::ApiError,
    store::{accounts, follows, posts},
};

/// The answer.
#[derive(Debug, Serialize)]
struct Profile {
    username: String,
    posts: i64,
    followers: i64,
    following: i64,
    /// Always false when a service asks.
    followed_by_me: bool,
}

/// The handler.
pub async fn profile(
    caller: Authorized<ReadPosts>,
    state: Data<AppState>,
    username: Path<String>,
) -> Result<impl Responder, ApiError> {
    let viewer = access::seen_user(&caller)?;
    let profile = state.store.run(move |conn| -> Result<_, ApiError> {
        access::register(conn, viewer.as_ref())?;
        describe(conn, &username, viewer.as_ref().map(|viewer| viewer.sub.as_str()))
    });
    Ok(Json(profile.await?))
}

fn describe(conn: &mut DbConnection, username: &str, viewer: Option<&str>) -> Result<Profile, ApiError> {
    let account = accounts::find_by_username(conn, username)?.ok_or(ApiError::UserNotFound)?;
    let followed_by_me = match viewer {
        Some(viewer) => follows::is_following(conn, viewer, &account.sub)?,
        None => false,
    };
    Ok(Profile {
        posts: posts::count_of_author(conn, &account.sub)?,
        followers: follows::count_followers(conn, &account.sub)?,
        following: follows::count_following(conn, &account.sub)?,
        username: accounts::shown_name(account.username),
        followed_by_me,
    })
}
