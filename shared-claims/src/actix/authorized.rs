use std::{fmt, future::Future, marker::PhantomData, ops::Deref, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{AuthError, Requirement, bearer, check};
use crate::{AccessClaims, Principal};

/// A request with a good token, a user's or a service's, that meets the requirement `R`. Dereferences to the claims.
pub struct Authorized<R = ()> {
    claims: AccessClaims,
    requirement: PhantomData<fn() -> R>,
}

/// A request with a good token, a user's or a service's.
pub type Authenticated = Authorized<()>;

impl<R> Authorized<R> {
    /// The token's claims.
    pub fn claims(&self) -> &AccessClaims {
        &self.claims
    }

    /// The token's claims, to keep.
    pub fn into_claims(self) -> AccessClaims {
        self.claims
    }
}

impl<R> Deref for Authorized<R> {
    type Target = AccessClaims;

    fn deref(&self) -> &AccessClaims {
        &self.claims
    }
}

impl<R> fmt::Debug for Authorized<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorized").field(&self.claims).finish()
    }
}

impl<R: Requirement> FromRequest for Authorized<R> {
    type Error = AuthError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AuthError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let claims = bearer::verify(&request).await?.ok_or(AuthError::MissingToken)?;
            check::<R>(&claims)?;
            Ok(Self { claims, requirement: PhantomData })
        })
    }
}

/// A request with a user's good token that meets the requirement `R`. A service's token is refused with 403, whatever
/// its scope. Dereferences to the claims.
pub struct AuthorizedUser<R = ()> {
    /// The account's id (`sub`): the key to store the user's data under.
    pub id: String,
    /// The user's name, for display.
    pub username: String,
    /// The user's roles. A role alone is seldom enough: see [`Requirement`].
    pub roles: Vec<String>,
    /// The login session (`sid`).
    pub session_id: String,
    authorized: Authorized<R>,
}

/// A request with a user's good token.
pub type AuthenticatedUser = AuthorizedUser<()>;

impl<R> AuthorizedUser<R> {
    /// The token's claims.
    pub fn claims(&self) -> &AccessClaims {
        &self.authorized
    }

    fn from_authorized(authorized: Authorized<R>) -> Result<Self, AuthError> {
        let Principal::User(user) = authorized.principal() else { return Err(AuthError::UserRequired) };
        Ok(Self {
            id: user.id.to_owned(),
            username: user.username.to_owned(),
            roles: user.roles.to_vec(),
            session_id: user.session_id.to_owned(),
            authorized,
        })
    }
}

impl<R> Deref for AuthorizedUser<R> {
    type Target = AccessClaims;

    fn deref(&self) -> &AccessClaims {
        &self.authorized
    }
}

impl<R> fmt::Debug for AuthorizedUser<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuthorizedUser").field(self.claims()).finish()
    }
}

impl<R: Requirement> FromRequest for AuthorizedUser<R> {
    type Error = AuthError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AuthError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let authorized = Authorized::<R>::from_request(request, payload);
        Box::pin(async move { Self::from_authorized(authorized.await?) })
    }
}
