//! Who calls us with an access token. Our own endpoints never trust claims alone: the session, the user and the roles
//! are read from the database.

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use futures_util::future::LocalBoxFuture;
use shared_claims::{
    AccessClaims, Principal, TokenError, UnverifiedToken,
    actix::{AuthError, bearer_token},
};

use crate::{app::AppState, error::ApiError, sessions::SessionReading, store::sessions};

/// A user with a good access token and a session that lives, from one reading. The token is of the session's present
/// line: one from before a change of roles was revoked.
#[derive(Debug)]
pub struct CurrentUser(pub SessionReading);

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let state = request.app_data::<Data<AppState>>().ok_or(AuthError::NotConfigured)?;
            let token = bearer_token(&request)?.ok_or(AuthError::MissingToken)?;
            authenticate(state, token).await.map(Self)
        })
    }
}

async fn authenticate(state: &AppState, token: &str) -> Result<SessionReading, ApiError> {
    let claims = verify(state, token).map_err(AuthError::InvalidToken)?;
    let Principal::User(user) = claims.principal() else { return Err(AuthError::UserRequired.into()) };
    let (user_id, session_id) = (user.id.to_owned(), user.session_id.to_owned());
    let reading = state.store.run::<_, ApiError, _>(move |c| Ok(sessions::find(c, &session_id)?)).await?;
    let now = state.clock.now_secs();
    let alive = |reading: &SessionReading| {
        reading.user.id == user_id
            && state.session_rules.is_alive(reading, now)
            && state.issuer.status(reading.session.status()).ok() == claims.status
    };
    reading.filter(alive).ok_or(AuthError::InvalidToken(TokenError::Revoked).into())
}

pub(super) fn verify(state: &AppState, token: &str) -> Result<AccessClaims, TokenError> {
    let token = UnverifiedToken::parse(token)?;
    let ring = state.keys.ring();
    let key = ring.find(token.kid()).ok_or(TokenError::UnknownKey)?;
    token.verify(key.verification(), &state.own_tokens)
}
