//! Who follows whom: `PUT` and `DELETE /api/users/{username}/follow`, `GET …/followers` and `…/following`.

mod follow;
mod followers;
mod following;
mod unfollow;

pub use self::{
    follow::{MOST_FOLLOWED, follow},
    followers::followers,
    following::following,
    unfollow::unfollow,
};

use serde::Serialize;
use shared_service::page::Paged;
use utoipa::{OpenApi, ToSchema};

use crate::store::{accounts, follows::FollowRow};

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(paths(follow::follow, unfollow::unfollow, followers::followers, following::following))]
pub(crate) struct Document;

/// A page of such entries.
pub type ListedUserPage = Paged<ListedUser>;

/// An entry of the lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedUser {
    /// The name; `[deleted]` when the account is no more.
    #[schema(examples("alice"))]
    username: String,
}

impl From<FollowRow> for ListedUser {
    fn from(row: FollowRow) -> Self {
        Self { username: accounts::shown_name(row.username) }
    }
}
