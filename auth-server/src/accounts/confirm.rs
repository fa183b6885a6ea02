//! Asks again for the password of somebody who holds an access token: what changes the account is not for whoever has
//! found a token.

use actix_web::web::Data;
use shared_service::request::RequestOrigin;

use super::Password;
use crate::{
    app::AppState,
    audit::{Actor, Event},
    error::ApiError,
    limits::{self, Guess},
    store::users::User,
};

/// Refuses a password that is not the user's, naming `field`. The answer is neither 401 nor 403: on a path with a
/// bearer token these speak of the token (RFC 6750 §3.1). It counts as a login does, so that whoever has found a token
/// guesses no faster here. No database connection is held while hashing.
pub(super) async fn confirm_password(
    state: &Data<AppState>,
    origin: RequestOrigin,
    user: &User,
    given: &str,
    field: &'static str,
) -> Result<(), ApiError> {
    let guess = Guess::new(&user.username, origin.address);
    let verified = verify(state.clone(), origin, user.clone(), Password::given(given));
    let confirmed = limits::attempt(state, guess, verified).await?;
    confirmed.ok_or_else(|| ApiError::invalid(field, "is wrong"))
}

async fn verify(
    state: Data<AppState>,
    origin: RequestOrigin,
    user: User,
    given: Option<Password>,
) -> Result<Option<()>, ApiError> {
    let hash = Some(user.password_hash.clone());
    if state.hasher.verify(given, hash, user.is_active).await? {
        return Ok(Some(()));
    }
    let recorder = state.recorder(Actor::User((&user).into()), origin);
    recorder.note(&state.store, Event::PasswordConfirmationFailed, Some((&user).into()), None).await;
    Ok(None)
}
