//! What is known of a user here: `GET /api/users/{username}` and `/api/users/{username}/posts`.

mod profile;
mod user_posts;

pub use self::{profile::profile, user_posts::user_posts};
