//! `GET /auth/user`: who the token speaks for, as the database knows him now.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
};
use serde::Serialize;
use shared_service::UtcTime;

use crate::{access::CurrentUser, store::users::UserWithRoles};

/// A user as he and administrators see him.
#[derive(Debug, Serialize)]
pub struct UserView {
    id: String,
    username: String,
    email: Option<String>,
    roles: Vec<String>,
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

/// `GET /auth/user`.
pub(crate) async fn user(current: CurrentUser) -> HttpResponse {
    let CurrentUser { reading, .. } = current;
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(UserView::from(UserWithRoles { user: reading.user, roles: reading.roles }))
}
