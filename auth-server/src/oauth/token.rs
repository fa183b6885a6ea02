//! `POST /oauth/token`: parsed once, then client authentication, scope and audience, grant, issue.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use shared_claims::{Audience, Scopes};

use super::{
    client_auth,
    error::{ErrorCode, OAuthError},
    form::Form,
};
use crate::{
    accounts::{Mode, advance, issue, respond},
    app::AppState,
    error::ApiError,
    sessions::{Refreshed, Refusal, SessionReading},
    tokens::{Excess, Narrowing},
};

/// `POST /oauth/token`.
pub(super) async fn token(
    request: HttpRequest,
    state: Data<AppState>,
    form: Form,
) -> Result<HttpResponse, OAuthError> {
    // 1. Who asks?
    client_auth::authenticate(&request, &form)?;
    // 2. For what? Less than all, if it says so.
    let asked = narrowing(&form)?;
    // 3. On what grounds? Never for more than the session and the roles allow.
    let now_ms = state.clock.now_ms();
    let reading = match form.get("grant_type") {
        Some("refresh_token") => refresh(&state, &form, &asked, now_ms).await?,
        Some(_) => {
            return Err(OAuthError::new(ErrorCode::UnsupportedGrantType, "only refresh_token is supported"));
        }
        None => return Err(OAuthError::invalid_request("grant_type is missing")),
    };
    let grant = state.issuer.grant(&reading, &asked).map_err(excessive)?;
    // 4. Issue.
    Ok(respond(&state, Mode::Json, issue(&state, &grant, now_ms)?))
}

/// The refresh grant (RFC 6749 §6).
async fn refresh(
    state: &Data<AppState>,
    form: &Form,
    asked: &Narrowing,
    now_ms: i64,
) -> Result<SessionReading, OAuthError> {
    let link = form.get("refresh_token").ok_or(OAuthError::invalid_request("refresh_token is missing"))?;
    match advance(state, link, asked, now_ms).await? {
        Ok(Refreshed(reading)) => Ok(reading),
        Err(Refusal::Contended) => Err(ApiError::Unavailable("too many refreshes at once".into()).into()),
        Err(Refusal::Excess(excess)) => Err(excessive(excess)),
        Err(Refusal::Unknown | Refusal::Ended | Refusal::Replayed) => {
            Err(OAuthError::new(ErrorCode::InvalidGrant, "the refresh token is not good, or no longer"))
        }
    }
}

fn narrowing(form: &Form) -> Result<Narrowing, OAuthError> {
    let audience: Option<Audience> = form.get("audience").map(|_| form.all("audience").collect());
    let scope: Option<Scopes> = match form.get("scope").map(str::parse) {
        Some(Ok(scope)) => Some(scope),
        Some(Err(_)) => return Err(OAuthError::new(ErrorCode::InvalidScope, "scope is malformed")),
        None => None,
    };
    Ok(Narrowing::to_audience(audience.as_ref()).and_scope(scope))
}

fn excessive(excess: Excess) -> OAuthError {
    let code = match excess {
        Excess::Audience => ErrorCode::InvalidTarget,
        Excess::Scope => ErrorCode::InvalidScope,
    };
    OAuthError::new(code, excess.advice())
}
