//! An administrator with an access token.

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use futures_util::future::{Ready, ready};
use shared_claims::actix::AuthError;

use super::CurrentUser;
use crate::{accounts::ADMIN, error::ApiError, store::users::User};

/// A user who has the role admin now, with a token that has the scope `admin`: narrowing a token's scope narrows it here
/// too.
///
/// [`CurrentAdmin::of`] finds out who that is, once per request and before anything else of it is read; the extractor hands
/// it on. An endpoint outside of what `of` guards lets nobody in.
#[derive(Debug, Clone)]
pub(crate) struct CurrentAdmin(pub(crate) User);

impl CurrentAdmin {
    /// Who sends this request, if he is an administrator.
    pub(crate) async fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let CurrentUser { reading, scope } = CurrentUser::extract(request).await?;
        if reading.roles.iter().any(|role| role == ADMIN) && scope.contains(ADMIN) {
            return Ok(Self(reading.user));
        }
        Err(AuthError::Insufficient { scope: Some(ADMIN), role: Some(ADMIN) }.into())
    }
}

impl FromRequest for CurrentAdmin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let known = request.extensions().get::<Self>().cloned();
        ready(known.ok_or_else(|| AuthError::NotConfigured.into()))
    }
}
