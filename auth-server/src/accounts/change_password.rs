//! `PUT /auth/user/password`: replaces the password and ends the user's other sessions.

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{Change, Password, changes, confirm::confirm_password, schemas};
use crate::{access::CurrentUser, app::AppState, audit::Actor, error::ApiError};

/// The password that is, and the one that is to be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangePasswordRequest {
    #[schema(value_type = String, format = Password)]
    current_password: Zeroizing<String>,
    #[schema(schema_with = schemas::new_password)]
    new_password: Zeroizing<String>,
}

/// Changes one's password
///
/// The user's other sessions end. The one that asks for it goes on, and so do its tokens. A wrong current password is 422
/// and counts as a failed login.
#[utoipa::path(
    put, path = "/auth/user/password", tag = "accounts", operation_id = "changePassword",
    request_body = ChangePasswordRequest,
    responses(
        (status = 204, description = "The password was changed."),
        (status = 409, description = "`changed_meanwhile`: read the account again and repeat what you still want."),
        (status = 429),
    ),
    security(("accessToken" = [])),
)]
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
