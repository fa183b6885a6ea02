//! What is known of a user here: `GET /api/users/{username}` and `/api/users/{username}/posts`.

mod profile;
mod user_posts;

pub use self::{profile::profile, user_posts::user_posts};

use utoipa::OpenApi;

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "users", description = "What is known of users here, and who follows whom.")),
    paths(profile::profile, user_posts::user_posts),
)]
pub(crate) struct Document;
