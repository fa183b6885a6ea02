//! `POST /auth/refresh`: exchanges a refresh token for the newest one and a fresh access token.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use shared_claims::Audience;
use shared_service::json::OptionalJson;

use super::{
    cookie,
    tokens::{Mode, issue, narrow_audience, respond},
};
use crate::{
    app::AppState,
    error::ApiError,
    sessions::{self, RefreshToken, Refreshed, Refusal},
    tokens::Grant,
};

/// The body; it may be missing when a cookie is sent.
#[derive(Deserialize, Default)]
pub(crate) struct RefreshRequest {
    refresh_token: Option<String>,
    audience: Option<Audience>,
}

/// `POST /auth/refresh`.
pub(crate) async fn refresh(
    request: HttpRequest,
    state: Data<AppState>,
    OptionalJson(body): OptionalJson<RefreshRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.unwrap_or_default();
    let Some((link, mode)) = presented(&request, &state, body.refresh_token)? else {
        return Err(ApiError::InvalidRefreshToken);
    };
    let now_ms = state.clock.now_ms();
    let refreshed = advance(&state, &link, now_ms).await?.map_err(|refusal| match refusal {
        Refusal::Contended => ApiError::Unavailable("too many refreshes of one session at once".into()),
        _ => ApiError::InvalidRefreshToken,
    })?;
    let allowed: Vec<&str> = refreshed.0.session.audience.split(' ').collect();
    let audience = narrow_audience(body.audience.as_ref(), &allowed)
        .map_err(|message| ApiError::invalid("audience", message))?;
    let tokens = issue(&state, &Grant { reading: &refreshed.0, audience, scope: None }, now_ms)?;
    Ok(respond(&state, mode, tokens))
}

/// The refresh token a request carries, and how: in the body or in the cookie, never both.
pub(super) fn presented(
    request: &HttpRequest,
    state: &AppState,
    in_body: Option<String>,
) -> Result<Option<(String, Mode)>, ApiError> {
    match (in_body, cookie::read(request, &state.config)) {
        (Some(_), Some(_)) => Err(ApiError::TwoRefreshTokens),
        (Some(link), None) => Ok(Some((link, Mode::Json))),
        (None, Some(link)) => Ok(Some((link, Mode::Cookie))),
        (None, None) => Ok(None),
    }
}

/// Advances the chain that `link` belongs to.
pub async fn advance(
    state: &AppState,
    link: &str,
    now_ms: i64,
) -> Result<Result<Refreshed, Refusal>, ApiError> {
    let Some(link) = RefreshToken::parse(link) else { return Ok(Err(Refusal::Unknown)) };
    let (ring, rules) = (state.keys.ring(), state.session_rules);
    state.store.run(move |c| Ok(sessions::refresh(c, &ring, &rules, now_ms, &link)?)).await
}
