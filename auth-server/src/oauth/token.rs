//! `POST /oauth/token`: parsed once, then client authentication, grant, scope and audience, issue.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use shared_claims::{Audience, Scopes};

use super::{
    client_auth,
    error::{ErrorCode, OAuthError},
    form::Form,
};
use crate::{
    accounts::{Mode, advance, issue, narrow_audience, respond},
    app::AppState,
    error::ApiError,
    sessions::{Refreshed, Refusal, SessionReading},
    tokens::Grant,
};

/// `POST /oauth/token`.
pub(super) async fn token(
    request: HttpRequest,
    state: Data<AppState>,
    form: Form,
) -> Result<HttpResponse, OAuthError> {
    // 1. Who asks?
    client_auth::authenticate(&request, &form)?;
    // 2. On what grounds?
    let now_ms = state.clock.now_ms();
    let reading = match form.get("grant_type") {
        Some("refresh_token") => refresh(&state, &form, now_ms).await?,
        Some(_) => {
            return Err(OAuthError::new(ErrorCode::UnsupportedGrantType, "only refresh_token is supported"));
        }
        None => return Err(OAuthError::invalid_request("grant_type is missing")),
    };
    // 3. For what? Never more than the session and the roles allow.
    let grant = narrow(&state, &form, &reading)?;
    // 4. Issue.
    Ok(respond(&state, Mode::Json, issue(&state, &grant, now_ms)?))
}

/// The refresh grant (RFC 6749 §6).
async fn refresh(state: &AppState, form: &Form, now_ms: i64) -> Result<SessionReading, OAuthError> {
    let link = form.get("refresh_token").ok_or(OAuthError::invalid_request("refresh_token is missing"))?;
    match advance(state, link, now_ms).await? {
        Ok(Refreshed(reading)) => Ok(reading),
        Err(Refusal::Contended) => Err(ApiError::Unavailable("refresh races".into()).into()),
        Err(_) => {
            Err(OAuthError::new(ErrorCode::InvalidGrant, "the refresh token is not good, or no longer"))
        }
    }
}

fn narrow<'a>(state: &AppState, form: &Form, reading: &'a SessionReading) -> Result<Grant<'a>, OAuthError> {
    let scope: Option<Scopes> = match form.get("scope").map(str::parse) {
        Some(Ok(scope)) => Some(scope),
        Some(Err(_)) => return Err(OAuthError::new(ErrorCode::InvalidScope, "scope is malformed")),
        None => None,
    };
    if scope.as_ref().is_some_and(|scope| !scope.is_subset(&state.issuer.scopes_of(&reading.roles))) {
        return Err(OAuthError::new(ErrorCode::InvalidScope, "scope is more than the user's roles grant"));
    }
    let requested: Option<Audience> = form.get("audience").map(|_| form.all("audience").collect());
    let allowed: Vec<&str> = reading.session.audience.split(' ').collect();
    let audience = narrow_audience(requested.as_ref(), &allowed)
        .map_err(|description| OAuthError::new(ErrorCode::InvalidTarget, description))?;
    Ok(Grant { reading, audience, scope })
}
