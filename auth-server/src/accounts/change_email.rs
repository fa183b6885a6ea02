//! `PATCH /auth/user`: sets or removes the e-mail address. Sessions and tokens do not depend on it.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use serde::Deserialize;
use shared_service::{database::DbConnection, json::Json};
use zeroize::Zeroizing;

use super::{CurrentUser, UserView, check_email, confirm::confirm_password};
use crate::{
    app::AppState,
    error::ApiError,
    store::users::{self, User, UserWithRoles},
};

/// The body.
#[derive(Deserialize)]
pub(crate) struct ChangeEmailRequest {
    /// Null or empty removes the address. It has to be said: a member left out by mistake must not remove anything.
    #[serde(deserialize_with = "Option::deserialize")]
    email: Option<String>,
    current_password: Zeroizing<String>,
}

/// `PATCH /auth/user`.
pub(crate) async fn change_email(
    current: CurrentUser,
    state: Data<AppState>,
    Json(body): Json<ChangeEmailRequest>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser(reading) = current;
    let user = reading.user;
    let email = body.email.filter(|email| !email.is_empty());
    if let Some(Err(fault)) = email.as_deref().map(check_email) {
        return Err(ApiError::invalid("email", fault));
    }
    confirm_password(&state, &user, &body.current_password, "current_password").await?;

    let changed = state.store.transaction(move |c| set_email(c, &user, email.as_deref())).await?;
    log::info!("user {} changed his e-mail address", changed.user.id);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(UserView::from(changed)))
}

fn set_email(
    connection: &mut DbConnection,
    user: &User,
    email: Option<&str>,
) -> Result<UserWithRoles, ApiError> {
    if !users::set_email(connection, &user.id, user.version, email)? {
        return Err(ApiError::Changed);
    }
    users::find(connection, &user.id)?.ok_or(ApiError::Changed)
}
