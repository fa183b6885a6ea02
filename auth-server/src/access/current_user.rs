//! A user with an access token.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use shared_claims::{Scopes, actix::AuthError};

use super::caller::{Caller, Identity};
use crate::{error::ApiError, sessions::SessionReading};

/// A user with a good access token and a session that lives, from one reading. The token is of the session's present
/// line: one from before a change of roles was revoked. A service is refused, whatever its scope.
#[derive(Debug)]
pub(crate) struct CurrentUser {
    /// The session, its user and his roles.
    pub(crate) reading: SessionReading,
    /// What the token allows.
    pub(crate) scope: Scopes,
}

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let Caller { identity, scope } = Caller::of(&request).await?;
            match identity {
                Identity::User(reading) => Ok(Self { reading: *reading, scope }),
                Identity::Service => Err(AuthError::UserRequired.into()),
            }
        })
    }
}
