//! `POST /auth/logout`: ends the session of a refresh token or of an access token.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use shared_claims::{
    Principal,
    actix::{AuthError, bearer_token},
};
use shared_service::json::OptionalJson;

use super::{cookie, current::verify, refresh::presented, tokens::Mode};
use crate::{
    app::AppState,
    error::ApiError,
    sessions::{self, RefreshToken},
    store,
};

/// The body; it may be missing when a cookie or an access token is sent.
#[derive(Deserialize, Default)]
pub(crate) struct LogoutRequest {
    refresh_token: Option<String>,
}

/// `POST /auth/logout`. 204 for a link that is unknown, too: there is nothing left to end.
pub(crate) async fn logout(
    request: HttpRequest,
    state: Data<AppState>,
    OptionalJson(body): OptionalJson<LogoutRequest>,
) -> Result<HttpResponse, ApiError> {
    let in_body = body.unwrap_or_default().refresh_token;
    let mut response = HttpResponse::NoContent();
    match presented(&request, &state, in_body)? {
        Some((link, mode)) => {
            end_by_link(&state, &link).await?;
            if mode == Mode::Cookie {
                response.cookie(cookie::clear(&state.config));
            }
        }
        None => end_by_access_token(&state, bearer_token(&request)?.ok_or(AuthError::MissingToken)?).await?,
    }
    Ok(response.finish())
}

/// A genuine link of any age ends its session; one that is not genuine ends nobody's.
async fn end_by_link(state: &AppState, link: &str) -> Result<(), ApiError> {
    let Some(link) = RefreshToken::parse(link) else { return Ok(()) };
    let (ring, revocation) = (state.keys.ring(), state.revocation());
    state
        .store
        .transaction(move |c| {
            if let Some(reading) = sessions::identify(c, &ring, &link)? {
                store::sessions::end(c, &reading.session.id, revocation)?;
            }
            Ok(())
        })
        .await
}

async fn end_by_access_token(state: &AppState, token: &str) -> Result<(), ApiError> {
    let claims = verify(state, token).map_err(AuthError::InvalidToken)?;
    let Principal::User(user) = claims.principal() else { return Err(AuthError::UserRequired.into()) };
    let (session_id, revocation) = (user.session_id.to_owned(), state.revocation());
    state.store.transaction(move |c| Ok(store::sessions::end(c, &session_id, revocation).map(drop)?)).await
}
