use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::{AuthError, bearer};
use crate::AccessClaims;

/// A request with or without a token: `None` when there is no `Authorization` header. A bad token is refused with 401
/// like everywhere else, for whoever sends one believes himself to be logged in.
#[derive(Debug, Clone)]
pub struct MaybeAuthenticated(pub Option<AccessClaims>);

impl FromRequest for MaybeAuthenticated {
    type Error = AuthError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, AuthError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { bearer::verify(&request).await.map(Self) })
    }
}
