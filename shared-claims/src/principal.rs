/// Who a token speaks for.
///
/// ```
/// use shared_claims::{AccessClaims, Principal};
///
/// fn greeting(claims: &AccessClaims) -> String {
///     match claims.principal() {
///         Principal::User(user) => format!("Hello, {}", user.username),
///         Principal::Service { client_id } => format!("Hello, service {client_id}"),
///     }
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal<'a> {
    /// A user who logged in.
    User(User<'a>),
    /// A service that acts for itself.
    Service {
        /// The service's id.
        client_id: &'a str,
    },
}

/// The user of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User<'a> {
    /// The account's id (`sub`): the key to store a user's data under.
    pub id: &'a str,
    /// The user's name, for display.
    pub username: &'a str,
    /// The user's roles.
    pub roles: &'a [String],
    /// The login session (`sid`).
    pub session_id: &'a str,
}
