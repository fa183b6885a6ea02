//! What a token must allow for each kind of endpoint, and which user it shows to the store.

use diesel::QueryResult;
use shared_claims::{
    AccessClaims, Principal,
    actix::{AuthorizedUser, Requirement},
};
use shared_service::database::DbConnection;

use crate::{
    error::ApiError,
    store::accounts::{self, SeenUser},
};

const POSTS_READ: &str = "posts:read";
const POSTS_WRITE: &str = "posts:write";
const ADMIN: &str = "admin";

/// Every scope this API knows.
pub const SCOPES: [&str; 3] = [POSTS_READ, POSTS_WRITE, ADMIN];

/// Reading posts, profiles and lists.
#[derive(Debug)]
pub struct ReadPosts;

impl Requirement for ReadPosts {
    const SCOPE: Option<&'static str> = Some(POSTS_READ);
}

/// Posting, deleting one's own posts, following and unfollowing.
#[derive(Debug)]
pub struct WritePosts;

impl Requirement for WritePosts {
    const SCOPE: Option<&'static str> = Some(POSTS_WRITE);
}

/// Administration: the role and the scope, so that narrowing a token's scope really narrows it.
#[derive(Debug)]
pub struct Administrate;

impl Requirement for Administrate {
    const SCOPE: Option<&'static str> = Some(ADMIN);
    const ROLE: Option<&'static str> = Some("admin");
}

impl<R> TryFrom<&AuthorizedUser<R>> for SeenUser {
    type Error = ApiError;

    fn try_from(user: &AuthorizedUser<R>) -> Result<Self, ApiError> {
        Self::new(&user.id, &user.username, user.claims().iat).ok_or(ApiError::UserNotSupported)
    }
}

/// The user of a token that may also be a service's.
pub fn seen_user(claims: &AccessClaims) -> Result<Option<SeenUser>, ApiError> {
    match claims.principal() {
        Principal::User(user) => {
            let seen = SeenUser::new(user.id, user.username, claims.iat);
            seen.map(Some).ok_or(ApiError::UserNotSupported)
        }
        Principal::Service { .. } => Ok(None),
    }
}

/// Registers the caller if it is a user; services have no account.
pub fn register(conn: &mut DbConnection, viewer: Option<&SeenUser>) -> QueryResult<()> {
    viewer.map_or(Ok(()), |viewer| accounts::register(conn, viewer).map(drop))
}
