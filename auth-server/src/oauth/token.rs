//! `POST /oauth/token` (RFC 6749 §3.2): parsed once, then four phases that every grant goes through. Each phase takes what
//! the one before it made, so that none can be left out.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use shared_claims::{Audience, Scopes};
use shared_service::request::RequestOrigin;
use utoipa::ToSchema;

use super::{
    client_auth,
    error::{ErrorCode, OAuthError},
    form::Form,
    grants::{Grounds, ServiceTokenResponse},
};
use crate::{accounts::schemas::OneOrMore, app::AppState, sessions::TokenResponse, tokens::Narrowing};

/// What is asked for (RFC 6749 §4.4.2 and §6).
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form")]
struct TokenRequest {
    grant_type: GrantType,
    /// `first-party`, or the service's id, unless `Authorization` names it.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// The service's secret, unless it stands in `Authorization`.
    #[schema(nullable = false)]
    client_secret: Option<String>,
    /// With `grant_type=refresh_token`.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// Less than all that could be had.
    #[schema(nullable = false, examples("posts:read"))]
    scope: Option<String>,
    /// For whom the token is to be, less than all. May stand more than once.
    #[schema(nullable = false)]
    audience: Option<OneOrMore>,
}

/// On what grounds: `refresh_token`, for the first-party client; `client_credentials`, for services.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it describes the form")]
enum GrantType {
    RefreshToken,
    ClientCredentials,
}

/// What was asked for, by the grant.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the two answers together")]
enum IssuedTokens {
    OfUser(TokenResponse),
    OfService(ServiceTokenResponse),
}

/// Issues a token
///
/// The token endpoint of RFC 6749 §3.2. The first-party client refreshes a session here as at `/auth/refresh`. A service gets
/// a token of its own, by its secret in `Authorization` or in the form.
#[utoipa::path(
    post, path = "/oauth/token", tag = "oauth", operation_id = "issueToken",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Tokens of a session (`refresh_token`), or one of a service (`client_credentials`).",
            body = IssuedTokens),
        (status = 400, description = "`invalid_request`, `invalid_grant`, `unauthorized_client`, \
            `unsupported_grant_type`, `invalid_scope` or `invalid_target`."),
        (status = 401, description = "`invalid_client`: the client is unknown or its credentials are wrong."),
    ),
    security(("clientSecret" = []), ()),
)]
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
