//! `DELETE /auth/user`: deletes the account, and frees its name.

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use zeroize::Zeroizing;

use super::{Change, changes, confirm::confirm_password};
use crate::{access::CurrentUser, app::AppState, audit::Actor, error::ApiError};

/// The body.
#[derive(Deserialize)]
pub(crate) struct DeleteRequest {
    password: Zeroizing<String>,
}

/// `DELETE /auth/user`. The last active administrator cannot go.
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
