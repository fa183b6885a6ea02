//! `GET /auth/user`: who the token speaks for, as the database knows him now.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
};
use serde::Serialize;
use shared_service::UtcTime;
use utoipa::ToSchema;

use crate::{access::CurrentUser, store::users::UserWithRoles};

/// A user as he and administrators see him.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// Is never given to another account.
    #[schema(format = "uuid")]
    id: String,
    #[schema(examples("alice"))]
    username: String,
    #[schema(required, examples("alice@example.com"))]
    email: Option<String>,
    /// What he may do: `user` and `admin`, and whatever else services of the deployment know.
    #[schema(examples("user"))]
    roles: Vec<String>,
    /// Whether the account may be used.
    is_active: bool,
    created_at: UtcTime,
}

impl From<UserWithRoles> for UserView {
    fn from(UserWithRoles { user, roles }: UserWithRoles) -> Self {
        Self {
            id: user.id,
            username: user.username,
            email: user.email,
            roles,
            is_active: user.is_active,
            created_at: UtcTime::from_secs(user.created_at),
        }
    }
}

/// Reads one's own account
#[utoipa::path(
    get, path = "/auth/user", tag = "accounts", operation_id = "getOwnUser",
    responses((status = 200, description = "Whom the token speaks for, as he is now.", body = UserView)),
    security(("accessToken" = [])),
)]
pub(crate) async fn user(current: CurrentUser) -> HttpResponse {
    let CurrentUser { reading, .. } = current;
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(UserView::from(UserWithRoles { user: reading.user, roles: reading.roles }))
}
