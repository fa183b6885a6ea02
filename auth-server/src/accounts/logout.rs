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

/// `POST /auth/logout`. 204 for a link that is unknown, too: there is nothing left to end, unless a good access token
/// is sent beside it.
pub(crate) async fn logout(
    request: HttpRequest,
    state: Data<AppState>,
    OptionalJson(body): OptionalJson<LogoutRequest>,
) -> Result<HttpResponse, ApiError> {
    let in_body = body.unwrap_or_default().refresh_token;
    let mut response = HttpResponse::NoContent();
    match presented(&request, &state, in_body)? {
        Some((link, mode)) => {
            let is_known = end_by_link(&state, &link).await?;
            if let (false, Ok(Some(token))) = (is_known, bearer_token(&request)) {
                match end_by_access_token(&state, token).await {
                    Ok(()) | Err(ApiError::Auth(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            if mode == Mode::Cookie {
                response.cookie(cookie::clear(&state.config));
            }
        }
        None => end_by_access_token(&state, bearer_token(&request)?.ok_or(AuthError::MissingToken)?).await?,
    }
    Ok(response.finish())
}

/// A genuine link of any age ends its session; one that is not genuine ends nobody's. Whether it was genuine.
async fn end_by_link(state: &AppState, link: &str) -> Result<bool, ApiError> {
    let Some(link) = RefreshToken::parse(link) else { return Ok(false) };
    let (ring, revocation) = (state.keys.ring(), state.revocation());
    state
        .store
        .transaction(move |c| {
            let Some(reading) = sessions::identify(c, &ring, &link)? else { return Ok(false) };
            store::sessions::end(c, &reading.session.id, revocation)?;
            Ok(true)
        })
        .await
}

async fn end_by_access_token(state: &AppState, token: &str) -> Result<(), ApiError> {
    let claims = verify(state, token).map_err(AuthError::InvalidToken)?;
    let Principal::User(user) = claims.principal() else { return Err(AuthError::UserRequired.into()) };
    let (session_id, revocation) = (user.session_id.to_owned(), state.revocation());
    state.store.transaction(move |c| Ok(store::sessions::end(c, &session_id, revocation).map(drop)?)).await
}
