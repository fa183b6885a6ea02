//! `POST /auth/signup`: makes an account.

use actix_web::{HttpResponse, http::header::LOCATION, web::Data};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use zeroize::Zeroizing;

use super::{NewUser, Roles, UserView};
use crate::{app::AppState, config::Signup, error::ApiError, limits};

/// The body.
#[derive(Deserialize)]
pub(crate) struct SignupRequest {
    username: String,
    password: Zeroizing<String>,
    email: Option<String>,
}

/// `POST /auth/signup`.
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
