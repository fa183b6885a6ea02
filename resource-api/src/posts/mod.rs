//! Posts: `POST /api/posts`, `GET` and `DELETE /api/posts/{id}`.

mod content;
mod create;
mod delete;
mod read;

pub use self::{create::create, delete::delete, read::read};

use serde::Serialize;
use shared_service::UtcTime;
use uuid::Uuid;

use crate::{
    error::ApiError,
    store::{accounts, posts::PostRow},
};

/// A post as clients see it.
#[derive(Debug, Serialize)]
pub struct Post {
    id: String,
    author: String,
    content: String,
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
