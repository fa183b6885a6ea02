//! `POST /api/posts`

use actix_web::{HttpResponse, http::header, web::Data};
use serde::Deserialize;
use shared_claims::actix::AuthorizedUser;
use shared_service::json::Json;
use utoipa::ToSchema;

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

/// What is to be published.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CreatePost {
    /// 1 to 500 characters (Unicode code points) that are not all blank, without U+0000. Kept as it is sent.
    #[schema(value_type = String, min_length = 1, max_length = 500, examples("Hello"))]
    content: PostContent,
}

/// Publishes a post
#[utoipa::path(
    post, path = "/api/posts", tag = "posts", operation_id = "createPost",
    request_body = CreatePost,
    responses((status = 201, description = "The post was published.", body = Post,
        headers(("Location" = String, description = "Where the post can be read.")))),
    security(("accessToken" = ["posts:write"])),
)]
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
