//! Extractors for actix-web handlers that need a good token, and the RFC 6750 challenges for requests without one.
//!
//! Put a [`Verifier`](crate::Verifier) into the application's data, and name in each handler what it needs:
//!
//! | argument | who gets in |
//! |---|---|
//! | [`Authenticated`] | any user and any service |
//! | [`AuthenticatedUser`] | any user |
//! | [`Authorized<R>`] | users and services that meet the [`Requirement`] `R` |
//! | [`AuthorizedUser<R>`] | users that meet it |
//! | [`MaybeAuthenticated`] | everybody; a token that is sent must be good |
//!
//! A handler without one of these is open to the world. The token is taken from the one `Authorization: Bearer` header
//! alone, never from the query or the body (RFC 6750 §2.1).

mod authorized;
mod bearer;
mod error;
mod maybe;
mod requirement;

pub use self::{
    authorized::{Authenticated, AuthenticatedUser, Authorized, AuthorizedUser},
    bearer::bearer_token,
    error::AuthError,
    maybe::MaybeAuthenticated,
    requirement::{Requirement, check},
};
