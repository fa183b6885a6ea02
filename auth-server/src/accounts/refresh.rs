//! `POST /auth/refresh`: exchanges a refresh token for the newest one and a fresh access token.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use shared_claims::Audience;
use shared_service::{database::DbConnection, json::OptionalJson, request::RequestOrigin};
use utoipa::ToSchema;

use super::{
    cookie,
    schemas::OneOrMore,
    tokens::{Mode, issue, respond},
};
use crate::{
    app::AppState,
    audit::Actor,
    error::ApiError,
    sessions::{Chain, RefreshToken, Refreshed, Refusal, TokenResponse},
    tokens::Narrowing,
};

/// What is to be refreshed. There need be no body when a cookie is sent.
#[derive(Deserialize, Default, ToSchema)]
pub(crate) struct RefreshRequest {
    /// The refresh token, unless the cookie carries it.
    refresh_token: Option<String>,
    /// For which services the access token is to be, of those that the session was begun for. Left out, for all.
    #[schema(value_type = Option<OneOrMore>)]
    audience: Option<Audience>,
}

/// Refreshes a session
///
/// Exchanges a refresh token for the newest one of its session and a fresh access token. Asked again within the grace, as
/// by another tab or after a lost answer, it gives the same refresh token. One that is shown later than that was copied,
/// and ends the session. The token comes in the body or in the cookie, and is answered in the same way.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "sessions", operation_id = "refreshSession",
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "Fresh tokens.", body = TokenResponse,
            headers(("Set-Cookie" = Option<String>, description = "The refresh token, when it came as a cookie."))),
        (status = 400, description = "`bad_request`: a refresh token in the body and another as a cookie; `invalid_json`."),
        (status = 401, description = "`invalid_refresh_token`: there is none, or the session has ended; log in again."),
        (status = 429),
    ),
    security(("refreshCookie" = []), ()),
)]
pub(crate) async fn refresh(
    request: HttpRequest,
    state: Data<AppState>,
    OptionalJson(body): OptionalJson<RefreshRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.unwrap_or_default();
    let Some((link, mode)) = presented(&request, &state, body.refresh_token)? else {
        return Err(ApiError::InvalidRefreshToken);
    };
    // Before anything is read: a token is never younger than what it was made from.
    let now_ms = state.clock.now_ms();
    let asked = Narrowing::to_audience(body.audience.as_ref());
    let origin = RequestOrigin::of(&request);
    let Refreshed(reading) = advance(&state, &link, &asked, origin).await?.map_err(refused)?;
    let grant = state.issuer.grant(&reading, &asked).map_err(|excess| refused(Refusal::Excess(excess)))?;
    Ok(respond(&state, mode, issue(&state, &grant, now_ms)?))
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Contended => ApiError::Unavailable("too many refreshes of one session at once".into()),
        Refusal::Excess(excess) => ApiError::invalid("audience", excess.advice()),
        Refusal::Unknown | Refusal::Ended | Refusal::Replayed => ApiError::InvalidRefreshToken,
    }
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

/// Advances the chain that `link` belongs to, if the session allows what is asked for: a client that asks for too much
/// has not spent its link.
pub async fn advance(
    state: &Data<AppState>,
    link: &str,
    asked: &Narrowing,
    origin: RequestOrigin,
) -> Result<Result<Refreshed, Refusal>, ApiError> {
    let Some(link) = RefreshToken::parse(link) else { return Ok(Err(Refusal::Unknown)) };
    let (app, asked, shown_at) = (state.clone(), asked.clone(), state.clock.now_ms());
    let work = move |c: &mut DbConnection| {
        let now_ms = app.clock.now_ms();
        let chain = Chain {
            keys: &app.keys.ring(),
            rules: &app.session_rules,
            shown_at,
            clock: &app.clock,
            revocation: app.config.revocation(now_ms / 1000),
            recorder: app.recorder(Actor::Anonymous, origin),
        };
        Ok(chain.refresh(c, &link, |reading| app.issuer.grant(reading, &asked).map(drop))?)
    };
    state.store.run(work).await
}
