//! `PUT /auth/user/password`: replaces the password and ends the user's other sessions.

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use zeroize::Zeroizing;

use super::{Change, Password, changes, confirm::confirm_password};
use crate::{access::CurrentUser, app::AppState, audit::Actor, error::ApiError};

/// The body.
#[derive(Deserialize)]
pub(crate) struct ChangePasswordRequest {
    current_password: Zeroizing<String>,
    new_password: Zeroizing<String>,
}

/// `PUT /auth/user/password`. The session that asks for it goes on, and so do its tokens.
pub(crate) async fn change_password(
    current: CurrentUser,
    origin: RequestOrigin,
    state: Data<AppState>,
    Json(body): Json<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser { reading, .. } = current;
    let (user, session_id) = (reading.user, reading.session.id);
    let new =
        Password::chosen(&body.new_password).map_err(|fault| ApiError::invalid("new_password", fault))?;
    confirm_password(&state, origin, &user, &body.current_password, "current_password").await?;

    let about_the_user = vec![user.username.clone(), user.email.clone().unwrap_or_default()];
    let Some(hash) = state.hasher.hash_chosen(new, about_the_user).await? else {
        return Err(ApiError::invalid("new_password", Password::TOO_EASY));
    };
    let hash = hash?;
    let change = Change::new(&state, Actor::User((&user).into()), origin);
    let set = move |c: &mut _| changes::set_password(c, &user, &hash, Some(&session_id), &change);
    state.store.transaction(move |c| Ok::<_, ApiError>(set(c)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}
