//! Which client asks (RFC 6749 §2.3, §3.2.1).

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use shared_claims::FIRST_PARTY_CLIENT_ID;

use super::{
    error::{ErrorCode, OAuthError},
    form::Form,
};

/// Checks that the request comes from the first-party client, which has no secret: whoever holds a refresh token of
/// a login may use it. Credentials of any kind are refused, since nobody has any.
pub(super) fn authenticate(request: &HttpRequest, form: &Form) -> Result<(), OAuthError> {
    let sends_credentials =
        request.headers().contains_key(AUTHORIZATION) || form.get("client_secret").is_some();
    match form.get("client_id") {
        Some(FIRST_PARTY_CLIENT_ID) if !sends_credentials => Ok(()),
        None if !sends_credentials => Err(OAuthError::invalid_request("client_id is missing")),
        _ => Err(OAuthError::new(
            ErrorCode::InvalidClient,
            "the client is unknown or its credentials are wrong",
        )),
    }
}
