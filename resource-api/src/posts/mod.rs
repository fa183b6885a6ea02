//! Posts: `POST /api/posts`, `GET` and `DELETE /api/posts/{id}`.

mod content;
mod create;
mod delete;
mod read;

pub use self::{create::create, delete::delete, read::read};

use serde::Serialize;
use shared_service::{UtcTime, page::Paged};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use crate::{
    error::ApiError,
    store::{accounts, posts::PostRow},
};

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "posts", description = "Short texts that users publish.")),
    paths(create::create, read::read, delete::delete),
)]
pub(crate) struct Document;

/// A page of posts.
pub type PostPage = Paged<Post>;

/// A post as clients see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Post {
    #[schema(format = "uuid")]
    id: String,
    /// The name of the user who wrote it; `[deleted]` when the account is no more.
    #[schema(examples("alice"))]
    author: String,
    /// The text, as it was sent.
    #[schema(min_length = 1, max_length = 500, examples("Hello"))]
    content: String,
    /// When it was published.
    created_at: UtcTime,
}

impl From<PostRow> for Post {
    fn from(row: PostRow) -> Self {
        Self {
            id: row.id,
            author: accounts::shown_name(row.author),
            content: row.content,
            created_at: UtcTime::from_millis(row.created_at),
        }
    }
}

/// Ids are compared as text, so they are brought into the one spelling that is stored. What is no UUID is no post's id.
fn parse_id(id: &str) -> Result<String, ApiError> {
    Uuid::parse_str(id).map(|id| id.to_string()).map_err(|_| ApiError::PostNotFound)
}
