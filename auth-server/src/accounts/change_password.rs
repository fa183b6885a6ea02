//! `PUT /auth/user/password`: replaces the password and ends the user's other sessions.

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use shared_service::json::Json;
use zeroize::Zeroizing;

use super::{CurrentUser, Password, changes, confirm::confirm_password};
use crate::{app::AppState, error::ApiError};

/// The body.
#[derive(Deserialize)]
pub(crate) struct ChangePasswordRequest {
    current_password: Zeroizing<String>,
    new_password: Zeroizing<String>,
}

/// `PUT /auth/user/password`. The session that asks for it goes on, and so do its tokens.
pub(crate) async fn change_password(
    current: CurrentUser,
    state: Data<AppState>,
    Json(body): Json<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser(reading) = current;
    let (user, session_id) = (reading.user, reading.session.id);
    let new =
        Password::chosen(&body.new_password).map_err(|fault| ApiError::invalid("new_password", fault))?;
    confirm_password(&state, &user, &body.current_password, "current_password").await?;

    let about_the_user = vec![user.username.clone(), user.email.clone().unwrap_or_default()];
    let Some(hash) = state.hasher.hash_chosen(new, about_the_user).await? else {
        return Err(ApiError::invalid("new_password", Password::TOO_EASY));
    };
    let (id, hash, revocation) = (user.id.clone(), hash?, state.revocation());
    let change = move |c: &mut _| {
        Ok::<_, ApiError>(changes::set_password(
            c,
            (&id, user.version),
            &hash,
            Some(&session_id),
            revocation,
        )?)
    };
    state.store.transaction(change).await?;
    log::info!("user {} changed his password", user.id);
    Ok(HttpResponse::NoContent().finish())
}
