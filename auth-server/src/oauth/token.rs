//! `POST /oauth/token` (RFC 6749 §3.2): parsed once, then four phases that every grant goes through. Each phase takes what
//! the one before it made, so that none can be left out.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use shared_claims::{Audience, Scopes};
use shared_service::request::RequestOrigin;

use super::{
    client_auth,
    error::{ErrorCode, OAuthError},
    form::Form,
    grants::Grounds,
};
use crate::{app::AppState, tokens::Narrowing};

/// `POST /oauth/token`.
pub(super) async fn token(
    request: HttpRequest,
    state: Data<AppState>,
    form: Form,
) -> Result<HttpResponse, OAuthError> {
    // The time is taken before anything is read: a token is never younger than what it was made from, so what was revoked
    // since then is remembered for as long as the token may live.
    let now_ms = state.clock.now_ms();
    // 1. Who asks?
    let client = client_auth::authenticate(&request, &state, &form).await?;
    let client = client.ok_or(OAuthError::invalid_request("client_id is missing"))?;
    // 2. On what grounds, and may this client use them?
    let grounds = Grounds::of(client, &form)?;
    // 3. For what? Less than all, if it says so; a client that asks for too much has used nothing up.
    let asked = narrowing(&form)?;
    let entitled = grounds.use_up(&state, &asked, RequestOrigin::of(&request)).await?;
    // 4. Issue.
    entitled.issue(&state, &asked, now_ms)
}

fn narrowing(form: &Form) -> Result<Narrowing, OAuthError> {
    // Left aside, it would get a token for everybody to one who asks for a token for one (RFC 8707 §2).
    if form.get("resource").is_some() {
        return Err(OAuthError::new(
            ErrorCode::InvalidTarget,
            "name whom the token is for by audience, not resource",
        ));
    }
    let audience: Option<Audience> = form.get("audience").map(|_| form.all("audience").collect());
    let scope: Option<Scopes> = match form.get("scope").map(str::parse) {
        Some(Ok(scope)) => Some(scope),
        Some(Err(_)) => return Err(OAuthError::new(ErrorCode::InvalidScope, "scope is malformed")),
        None => None,
    };
    Ok(Narrowing::to_audience(audience.as_ref()).and_scope(scope))
}
