//! `POST /auth/signup`: makes an account.

use actix_web::{HttpResponse, http::header::LOCATION, web::Data};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{NewUser, Roles, UserView, schemas};
use crate::{app::AppState, config::Signup, error::ApiError, limits};

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignupRequest {
    #[schema(schema_with = schemas::username)]
    username: String,
    #[schema(schema_with = schemas::new_password)]
    password: Zeroizing<String>,
    /// Null or empty is none.
    #[schema(max_length = 254, examples("alice@example.org"))]
    email: Option<String>,
}

/// Makes an account
///
/// Anybody may, unless the settings say that accounts are made by administrators. Whoever signs up is not logged in by it.
#[utoipa::path(
    post, path = "/auth/signup", tag = "accounts", operation_id = "signUp",
    request_body(content = SignupRequest, example = json!({"username": "alice", "password": "correct horse battery"})),
    responses(
        (status = 201, description = "The account was made.", body = UserView,
            headers(("Location" = String, description = "Where the user reads his own account."))),
        (status = 403, description = "`signup_off`: accounts are made by administrators here."),
        (status = 409, description = "`username_taken`: choose another name."),
        (status = 429),
    ),
)]
pub(crate) async fn signup(
    state: Data<AppState>,
    origin: RequestOrigin,
    Json(body): Json<SignupRequest>,
) -> Result<HttpResponse, ApiError> {
    if state.config.signup == Signup::Off {
        return Err(ApiError::SignupOff);
    }
    let new = NewUser::parse(&body.username, &body.password, body.email.as_deref())?;
    let made = new.add(&state, Roles::of_everybody(), None, origin).await?;
    limits::remember_network(&state, &made.user.username, origin.address).await;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, state.config.issuer.join("/auth/user")))
        .json(UserView::from(made)))
}
