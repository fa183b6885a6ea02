//! `POST /oauth/introspect` (RFC 7662): whether a token is good now, by the database, and what it says.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde::Serialize;
use shared_claims::{AccessClaims, FIRST_PARTY_CLIENT_ID, Scopes};
use utoipa::ToSchema;

use super::{
    client_auth::{self, AuthenticatedClient},
    described,
    error::{ErrorCode, OAuthError},
    form::Form,
};
use crate::{
    access::{Caller, Identity, verify_for_anyone},
    app::AppState,
    error::ApiError,
    sessions::{RefreshToken, inspect},
    tokens::{Narrowing, TokenType},
};

/// The scope that a service needs to ask.
pub(crate) const INTROSPECT: &str = "introspect";

/// The token that is asked about (RFC 7662 §2.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form")]
struct IntrospectionRequest {
    token: String,
    /// Not needed: each kind of token is known by its form.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    /// The id of the service that asks, unless it stands in `Authorization`.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// Its secret, unless it stands in `Authorization`.
    #[schema(nullable = false)]
    client_secret: Option<String>,
}

/// The answer (RFC 7662 §2.2).
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Introspection {
    Inactive(InactiveToken),
    Access(Box<ActiveAccessToken>),
    Refresh(ActiveRefreshToken),
}

/// A token that is not good. Nothing more is said of it, not even why.
#[derive(Serialize, ToSchema)]
struct InactiveToken {
    #[schema(schema_with = described::always_false)]
    active: bool,
}

/// An access token that is good, with its claims.
#[derive(Serialize, ToSchema)]
struct ActiveAccessToken {
    #[schema(schema_with = described::always_true)]
    active: bool,
    token_type: TokenType,
    #[serde(flatten)]
    #[schema(value_type = described::AccessTokenClaims)]
    claims: AccessClaims,
}

/// A refresh token that is good. `token_type` is for access tokens (RFC 6749 §7.1), so it is not here.
#[derive(Serialize, ToSchema)]
struct ActiveRefreshToken {
    #[schema(schema_with = described::always_true)]
    active: bool,
    iss: String,
    sub: String,
    client_id: &'static str,
    username: String,
    sid: String,
    /// What a refresh would give at the most: scopes with blanks between.
    #[schema(value_type = String)]
    scope: Scopes,
    /// When the session ends without a refresh. Unix time.
    exp: i64,
    /// When the user logged in. Unix time.
    iat: i64,
}

/// Tells whether a token is good, and what it says
///
/// RFC 7662, for services with the scope `introspect`: by their secret, in `Authorization` or in the form, or by an access
/// token of their own. Asking changes nothing: a refresh token is neither used up nor, if it is an old one, taken for a
/// theft.
#[utoipa::path(
    post, path = "/oauth/introspect", tag = "oauth", operation_id = "introspectToken",
    request_body(content = IntrospectionRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What there is to say.", body = Introspection),
        (status = 400, description = "`invalid_request`."),
        (status = 401, description = "`invalid_client`, or `invalid_token` where an access token takes the place of credentials."),
        (status = 403, description = "`insufficient_scope`: the service lacks the scope `introspect`."),
    ),
    security(("clientSecret" = []), ("accessToken" = ["introspect"]), ()),
)]
pub(super) async fn introspect(
    request: HttpRequest,
    state: Data<AppState>,
    form: Form,
) -> Result<HttpResponse, OAuthError> {
    let scope = scope_of_service(&request, &state, &form).await?;
    if !scope.contains(INTROSPECT) {
        return Err(OAuthError::Insufficient { scope: INTROSPECT });
    }
    let token = form.get("token").ok_or(OAuthError::invalid_request("token is missing"))?;
    let what = match RefreshToken::parse(token) {
        Some(link) => refresh_token(&state, link).await?,
        None => access_token(&state, token).await?,
    };
    let answer = what.unwrap_or(Introspection::Inactive(InactiveToken { active: false }));
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer))
}

/// What the service that asks may do: it shows its secret, or an access token of its own. A user's token allows nothing
/// here, whatever its scope, and the first-party client, which has no secret, is nobody.
async fn scope_of_service(
    request: &HttpRequest,
    state: &AppState,
    form: &Form,
) -> Result<Scopes, OAuthError> {
    if client_auth::sends_bearer(request) {
        if form.get("client_secret").is_some() {
            return Err(OAuthError::invalid_request("the client authenticates in more than one way"));
        }
        return match Caller::of(request).await {
            Ok(Caller { identity: Identity::Service, scope }) => Ok(scope),
            Ok(Caller { identity: Identity::User(_), .. }) => Ok(Scopes::default()),
            Err(ApiError::Auth(_)) => {
                Err(OAuthError::new(ErrorCode::InvalidToken, "the access token is not good"))
            }
            Err(error) => Err(error.into()),
        };
    }
    match client_auth::authenticate(request, state, form).await? {
        // What is not a list of scopes allows nothing.
        Some(AuthenticatedClient::Service(client)) => Ok(client.scopes.parse().unwrap_or_default()),
        Some(AuthenticatedClient::FirstParty) | None => {
            Err(OAuthError::new(ErrorCode::InvalidClient, "this needs the credentials of a service"))
        }
    }
}

/// An access token of ours, whoever it is meant for and whoever holds it. Not a second longer than it says: the leeway is
/// for clocks that differ, and this is the clock that set the time.
async fn access_token(state: &AppState, token: &str) -> Result<Option<Introspection>, ApiError> {
    let Ok(claims) = verify_for_anyone(state, token) else { return Ok(None) };
    if claims.exp <= state.clock.now_secs() {
        return Ok(None);
    }
    let alive = Caller::alive(state, claims.clone()).await?;
    let answer = ActiveAccessToken { active: true, token_type: TokenType::Bearer, claims };
    Ok(alive.map(|_| Introspection::Access(Box::new(answer))))
}

/// A link that a refresh would take now, and what that would give.
async fn refresh_token(
    state: &Data<AppState>,
    link: RefreshToken,
) -> Result<Option<Introspection>, ApiError> {
    let (ring, rules, now_ms) = (state.keys.ring(), state.session_rules, state.clock.now_ms());
    let found =
        state.store.run::<_, ApiError, _>(move |c| Ok(inspect(c, &ring, &rules, &link, now_ms)?)).await?;
    let Some(reading) = found else { return Ok(None) };
    let Ok(grant) = state.issuer.grant(&reading, &Narrowing::default()) else { return Ok(None) };
    Ok(Some(Introspection::Refresh(ActiveRefreshToken {
        active: true,
        iss: state.config.issuer.as_str().to_owned(),
        sub: reading.user.id.clone(),
        client_id: FIRST_PARTY_CLIENT_ID,
        username: reading.user.username.clone(),
        sid: reading.session.id.clone(),
        scope: grant.scope().clone(),
        exp: rules.ends_at(&reading.session),
        iat: reading.session.created_at,
    })))
}
