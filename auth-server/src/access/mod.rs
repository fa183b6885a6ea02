//! Who calls us with an access token (RFC 6750), and what he may do. Our own endpoints never trust claims alone: the
//! session or the client, its roles and scopes are read from the database.

mod caller;
mod current_admin;
mod current_user;

pub(crate) use caller::{Caller, Identity};
pub(crate) use current_admin::CurrentAdmin;
pub(crate) use current_user::CurrentUser;

use shared_claims::{AccessClaims, TokenError, UnverifiedToken};

use crate::app::AppState;

/// Checks form, signature and claims of a token for our own endpoints. Whether it was revoked is not looked at.
pub(crate) fn verify(state: &AppState, token: &str) -> Result<AccessClaims, TokenError> {
    let token = UnverifiedToken::parse(token)?;
    let ring = state.keys.ring();
    let key = ring.find(token.kid()).ok_or(TokenError::UnknownKey)?;
    token.verify(key.verification(), &state.own_tokens)
}

/// As [`verify`], for questions about a token: whoever it is meant for. It lets nobody in.
pub(crate) fn verify_for_anyone(state: &AppState, token: &str) -> Result<AccessClaims, TokenError> {
    let token = UnverifiedToken::parse(token)?;
    let ring = state.keys.ring();
    let key = ring.find(token.kid()).ok_or(TokenError::UnknownKey)?;
    token.verify(key.verification(), &state.own_tokens.clone().for_any_audience())
}
