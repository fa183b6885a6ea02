//! `DELETE /auth/user`: deletes the account, and frees its name.

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{Change, changes, confirm::confirm_password};
use crate::{access::CurrentUser, app::AppState, audit::Actor, error::ApiError};

/// Shows that it is the user himself who wants to go.
#[derive(Deserialize, ToSchema)]
#[schema(as = DeleteAccountRequest)]
pub(crate) struct DeleteRequest {
    #[schema(value_type = String, format = Password)]
    password: Zeroizing<String>,
}

/// Deletes one's account
///
/// Every session ends, and the name is free. The last active administrator cannot go. A wrong password is 422 and counts
/// as a failed login.
#[utoipa::path(
    delete, path = "/auth/user", tag = "accounts", operation_id = "deleteAccount",
    request_body = DeleteRequest,
    responses(
        (status = 204, description = "The account is gone."),
        (status = 409, description = "`last_admin`: give the role to somebody else first; `changed_meanwhile`."),
        (status = 429),
    ),
    security(("accessToken" = [])),
)]
pub(crate) async fn delete(
    current: CurrentUser,
    origin: RequestOrigin,
    state: Data<AppState>,
    Json(body): Json<DeleteRequest>,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser { reading, .. } = current;
    let user = reading.user;
    confirm_password(&state, origin, &user, &body.password, "password").await?;
    let change = Change::new(&state, Actor::User((&user).into()), origin);
    state.store.transaction(move |c| Ok::<_, ApiError>(changes::delete(c, &user, &change)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}
