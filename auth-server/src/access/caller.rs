//! Whoever calls: a user in a session, or a service.

use actix_web::{HttpRequest, web::Data};
use shared_claims::{
    AccessClaims, Principal, Scopes, TokenError,
    actix::{AuthError, bearer_token},
};

use super::verify;
use crate::{
    app::AppState,
    error::ApiError,
    sessions::SessionReading,
    store::{
        clients::{self, Client},
        sessions,
    },
};

/// Whoever holds a good access token that was not revoked, as the database knows him now.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Who.
    pub(crate) identity: Identity,
    /// What the token allows. A change of roles or scopes revokes it, so it is no more than the database allows.
    pub(crate) scope: Scopes,
}

/// Who holds a token.
#[derive(Debug)]
pub(crate) enum Identity {
    /// A user, from one reading with his session and roles.
    User(Box<SessionReading>),
    /// A service.
    Service,
}

impl Caller {
    /// Who sends this request.
    pub(crate) async fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let state = request.app_data::<Data<AppState>>().ok_or(AuthError::NotConfigured)?;
        let token = bearer_token(request)?.ok_or(AuthError::MissingToken)?;
        let claims = verify(state, token).map_err(AuthError::InvalidToken)?;
        Self::alive(state, claims).await?.ok_or(AuthError::InvalidToken(TokenError::Revoked).into())
    }

    /// Who holds a token with these claims, if it was not revoked: its session or client lives, and the token is of its
    /// present line. `claims` have been verified.
    pub(crate) async fn alive(state: &AppState, claims: AccessClaims) -> Result<Option<Self>, ApiError> {
        let is_present = |status| state.issuer.status(status).ok() == claims.status;
        let identity = match claims.principal() {
            Principal::User(user) => {
                let session_id = user.session_id.to_owned();
                let found =
                    state.store.run::<_, ApiError, _>(move |c| Ok(sessions::find(c, &session_id)?)).await?;
                let now = state.clock.now_secs();
                let alive = |reading: &SessionReading| {
                    reading.user.id == user.id
                        && state.session_rules.is_alive(reading, now)
                        && is_present(reading.session.status())
                };
                found.filter(alive).map(|reading| Identity::User(Box::new(reading)))
            }
            Principal::Service { client_id } => {
                let id = client_id.to_owned();
                let found = state.store.run::<_, ApiError, _>(move |c| Ok(clients::find(c, &id)?)).await?;
                let alive = |client: &Client| client.is_active && is_present(client.status());
                found.filter(alive).map(|_| Identity::Service)
            }
        };
        Ok(identity.map(|identity| Self { identity, scope: claims.scope }))
    }

    /// Refuses a token that lacks a scope.
    pub(crate) fn require_scope(&self, scope: &'static str) -> Result<(), ApiError> {
        if self.scope.contains(scope) {
            return Ok(());
        }
        Err(AuthError::Insufficient { scope: Some(scope), role: None }.into())
    }
}
