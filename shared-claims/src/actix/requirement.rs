use super::AuthError;
use crate::AccessClaims;

/// What a token must allow to get into a handler. Implemented by a marker type, once per kind of access:
///
/// ```
/// use shared_claims::actix::Requirement;
///
/// /// Administration: the role, and the scope, so that an administrator can hand out tokens that lack it.
/// struct Admin;
///
/// impl Requirement for Admin {
///     const ROLE: Option<&'static str> = Some("admin");
///     const SCOPE: Option<&'static str> = Some("admin");
/// }
/// ```
///
/// A role is a user's: a service never meets a requirement that names one. That something is for users alone is said by
/// the extractor, [`AuthorizedUser`](super::AuthorizedUser).
pub trait Requirement: 'static {
    /// The scope that the token must have.
    const SCOPE: Option<&'static str> = None;
    /// The role that the user must have.
    const ROLE: Option<&'static str> = None;
}

/// Nothing beyond a good token.
impl Requirement for () {}

/// Whether the claims meet the requirement, for decisions inside a handler; the error is what the extractor would answer.
///
/// ```
/// # use shared_claims::{AccessClaims, actix::{Requirement, check}};
/// # struct Admin;
/// # impl Requirement for Admin {}
/// fn may_delete(claims: &AccessClaims, author_id: &str) -> bool {
///     claims.sub == author_id || check::<Admin>(claims).is_ok()
/// }
/// ```
pub fn check<R: Requirement>(claims: &AccessClaims) -> Result<(), AuthError> {
    let has_scope = R::SCOPE.is_none_or(|scope| claims.scope.contains(scope));
    let has_role = R::ROLE
        .is_none_or(|role| claims.roles.as_ref().is_some_and(|roles| roles.iter().any(|has| has == role)));
    if has_scope && has_role {
        Ok(())
    } else {
        Err(AuthError::Insufficient { scope: R::SCOPE, role: R::ROLE })
    }
}
