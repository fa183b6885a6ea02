//! The query of a request: [`Query`], whose rejection is a problem like any other.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::{Ready, ready};
use serde::de::DeserializeOwned;

use crate::problem::{FieldError, Problem};

/// The parameters that `T` names; others are left alone. 422 when they cannot be read, such as one that comes twice.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = actix_web::web::Query::<T>::from_query(request.query_string());
        let refuse = |error: actix_web::error::QueryPayloadError| {
            Problem::invalid_input(vec![FieldError::new("query", error.to_string())])
        };
        ready(parsed.map(|parameters| Self(parameters.into_inner())).map_err(refuse))
    }
}
