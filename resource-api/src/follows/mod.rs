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

use crate::store::{accounts, follows::FollowRow};

/// An entry of the lists.
#[derive(Debug, Serialize)]
pub struct ListedUser {
    username: String,
}

impl From<FollowRow> for ListedUser {
    fn from(row: FollowRow) -> Self {
        Self { username: accounts::shown_name(row.username) }
    }
}
