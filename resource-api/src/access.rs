//! What a token must allow for each kind of endpoint, and which user it shows to the store.

use diesel::QueryResult;
use shared_claims::{
    AccessClaims, Principal,
    actix::{AuthorizedUser, Requirement},
};
use shared_service::database::DbConnection;

use crate::store::accounts::{self, SeenUser};

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

impl<R> From<&AuthorizedUser<R>> for SeenUser {
    fn from(user: &AuthorizedUser<R>) -> Self {
        Self { sub: user.id.clone(), username: user.username.clone(), seen_at: user.claims().iat }
    }
}

/// The user of a token that may also be a service's.
pub fn seen_user(claims: &AccessClaims) -> Option<SeenUser> {
    match claims.principal() {
        Principal::User(user) => Some(SeenUser {
            sub: user.id.to_owned(),
            username: user.username.to_owned(),
            seen_at: claims.iat,
        }),
        Principal::Service { .. } => None,
    }
}

/// Registers the caller if it is a user; services have no account.
pub fn register(conn: &mut DbConnection, viewer: Option<&SeenUser>) -> QueryResult<()> {
    viewer.map_or(Ok(()), |viewer| accounts::register(conn, viewer).map(drop))
}
