//! `PATCH /auth/user`: sets or removes the e-mail address. Sessions and tokens do not depend on it.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{Change, UserView, changes, check_email, confirm::confirm_password};
use crate::{access::CurrentUser, app::AppState, audit::Actor, error::ApiError};

/// The address that is to be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangeEmailRequest {
    /// Null or empty removes the address. It has to be said: a member left out by mistake must not remove anything.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required, max_length = 254, examples("alice@example.org"))]
    email: Option<String>,
    #[schema(value_type = String, format = Password)]
    current_password: Zeroizing<String>,
}

/// Sets or removes one's e-mail address
///
/// Sessions and tokens do not depend on it. A wrong password is 422 and counts as a failed login.
#[utoipa::path(
    patch, path = "/auth/user", tag = "accounts", operation_id = "changeEmail",
    request_body = ChangeEmailRequest,
    responses(
        (status = 200, description = "The account as it is now.", body = UserView),
        (status = 409, description = "`changed_meanwhile`: read the account again and repeat what you still want."),
        (status = 429),
    ),
    security(("accessToken" = [])),
)]
pub(crate) async fn change_email(
    current: CurrentUser,
    origin: RequestOrigin,
    state: Data<AppState>,
    Json(body): Json<ChangeEmailRequest>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser { reading, .. } = current;
    let user = reading.user;
    let email = body.email.filter(|email| !email.is_empty());
    if let Some(Err(fault)) = email.as_deref().map(check_email) {
        return Err(ApiError::invalid("email", fault));
    }
    confirm_password(&state, origin, &user, &body.current_password, "current_password").await?;

    let change = Change::new(&state, Actor::User((&user).into()), origin);
    let set = move |c: &mut _| Ok::<_, ApiError>(changes::set_email(c, &user, email.as_deref(), &change)?);
    let changed = state.store.transaction(set).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(UserView::from(changed)))
}
