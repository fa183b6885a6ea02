//! `POST /api/posts`

use actix_web::{HttpResponse, http::header, web::Data};
use serde::Deserialize;
use shared_claims::actix::AuthorizedUser;
use shared_service::json::Json;

use super::{Post, content::PostContent};
use crate::{
    access::WritePosts,
    app::AppState,
    error::ApiError,
    store::{
        accounts::{self, SeenUser},
        posts::{self, NewPost, PostRow},
    },
};

/// The request.
#[derive(Debug, Deserialize)]
pub struct CreatePost {
    content: PostContent,
}

/// The handler: 201 with the post, and where it can be read.
pub async fn create(
    user: AuthorizedUser<WritePosts>,
    state: Data<AppState>,
    Json(request): Json<CreatePost>,
) -> Result<HttpResponse, ApiError> {
    let author = SeenUser::try_from(&user)?;
    let created_at = state.clock.now_ms();
    let id = state.ids.next(created_at).to_string();
    let new = NewPost { id, author_sub: author.sub.clone(), content: request.content.into(), created_at };
    let post = state.store.run(move |conn| -> Result<_, ApiError> {
        let account = accounts::register(conn, &author)?;
        posts::insert(conn, &new)?;
        Ok(PostRow { id: new.id, author: account.username, content: new.content, created_at })
    });
    let post = Post::from(post.await?);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/posts/{}", post.id)))
        .json(post))
}
