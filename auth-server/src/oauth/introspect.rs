//! `POST /oauth/introspect` (RFC 7662): whether a token is good now, by the database, and what it says.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde::Serialize;
use shared_claims::{AccessClaims, FIRST_PARTY_CLIENT_ID, Scopes};

use super::{
    client_auth::{self, AuthenticatedClient},
    error::{ErrorCode, OAuthError},
    form::Form,
};
use crate::{
    access::{Caller, Identity, verify_for_anyone},
    app::AppState,
    error::ApiError,
    sessions::{RefreshToken, inspect},
    tokens::Narrowing,
};

/// The scope that a service needs to ask.
pub(crate) const INTROSPECT: &str = "introspect";

/// The answer (RFC 7662 §2.2). Of a token that is not good nothing more is said, not even why.
#[derive(Serialize)]
struct Introspection {
    active: bool,
    #[serde(flatten)]
    what: Option<Active>,
}

/// What is said of a good token.
#[derive(Serialize)]
#[serde(untagged)]
enum Active {
    Access {
        token_type: &'static str,
        #[serde(flatten)]
        claims: Box<AccessClaims>,
    },
    /// `token_type` is for access tokens (RFC 6749 §7.1), so it is not here.
    Refresh {
        iss: String,
        sub: String,
        client_id: &'static str,
        username: String,
        sid: String,
        /// What a refresh would give at the most.
        scope: Scopes,
        /// When the session ends without a refresh.
        exp: i64,
        /// When the chain began, with the login.
        iat: i64,
    },
}

/// `POST /oauth/introspect`. Asking changes nothing: a link of a refresh chain is neither advanced nor, if it is replayed,
/// taken for a theft.
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
    let answer = Introspection { active: what.is_some(), what };
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
async fn access_token(state: &AppState, token: &str) -> Result<Option<Active>, ApiError> {
    let Ok(claims) = verify_for_anyone(state, token) else { return Ok(None) };
    if claims.exp <= state.clock.now_secs() {
        return Ok(None);
    }
    let alive = Caller::alive(state, claims.clone()).await?;
    Ok(alive.map(|_| Active::Access { token_type: "Bearer", claims: Box::new(claims) }))
}

/// A link that a refresh would take now, and what that would give.
async fn refresh_token(state: &Data<AppState>, link: RefreshToken) -> Result<Option<Active>, ApiError> {
    let (ring, rules, now_ms) = (state.keys.ring(), state.session_rules, state.clock.now_ms());
    let found =
        state.store.run::<_, ApiError, _>(move |c| Ok(inspect(c, &ring, &rules, &link, now_ms)?)).await?;
    let Some(reading) = found else { return Ok(None) };
    let Ok(grant) = state.issuer.grant(&reading, &Narrowing::default()) else { return Ok(None) };
    Ok(Some(Active::Refresh {
        iss: state.config.issuer.as_str().to_owned(),
        sub: reading.user.id.clone(),
        client_id: FIRST_PARTY_CLIENT_ID,
        username: reading.user.username.clone(),
        sid: reading.session.id.clone(),
        scope: grant.scope().clone(),
        exp: rules.ends_at(&reading.session),
        iat: reading.session.created_at,
    }))
}
