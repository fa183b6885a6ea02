//! `GET /api/users/{username}`

use actix_web::{
    Responder,
    web::{Data, Json, Path},
};
use serde::Serialize;
use shared_claims::actix::Authorized;
use shared_service::database::DbConnection;
use utoipa::ToSchema;

use crate::{
    access::{self, ReadPosts},
    app::AppState,
    error::ApiError,
    store::{accounts, follows, posts},
};

/// What is known of a user here.
#[derive(Debug, Serialize, ToSchema)]
struct Profile {
    /// The name, as its owner writes it.
    #[schema(examples("alice"))]
    username: String,
    /// How many posts there are of the user.
    #[schema(minimum = 0)]
    posts: i64,
    /// How many follow the user.
    #[schema(minimum = 0)]
    followers: i64,
    /// How many the user follows.
    #[schema(minimum = 0)]
    following: i64,
    /// Whether the caller follows the user. Always false when a service asks.
    followed_by_me: bool,
}

/// Describes a user
///
/// Known are those who have called here or are followed.
#[utoipa::path(
    get, path = "/api/users/{username}", tag = "users", operation_id = "getProfile",
    params(("username" = String, Path, description = "The name, without regard to case.")),
    responses(
        (status = 200, description = "What is known of the user.", body = Profile),
        (status = 404, description = "`user_not_found`: nobody who is known here has this name."),
    ),
    security(("accessToken" = ["posts:read"])),
)]
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
