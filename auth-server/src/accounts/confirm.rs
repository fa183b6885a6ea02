//! Asks again for the password of somebody who holds an access token: what changes the account is not for whoever has
//! found a token.

use super::Password;
use crate::{app::AppState, error::ApiError, store::users::User};

/// Refuses a password that is not the user's, naming `field`. The answer is neither 401 nor 403: on a path with a
/// bearer token these speak of the token (RFC 6750 §3.1). No database connection is held while hashing.
pub(super) async fn confirm_password(
    state: &AppState,
    user: &User,
    given: &str,
    field: &'static str,
) -> Result<(), ApiError> {
    let hash = Some(user.password_hash.clone());
    let is_right = state.hasher.verify(Password::given(given), hash, user.is_active).await?;
    if is_right { Ok(()) } else { Err(ApiError::invalid(field, "is wrong")) }
}
