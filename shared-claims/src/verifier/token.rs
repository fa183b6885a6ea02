use super::{TokenError, TokenRules, VerificationKey, jws::UnverifiedJws};
use crate::AccessClaims;

/// A longer token is refused unread.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// RFC 9068 §2.1: nothing else is an access token.
const TYPES: [&str; 2] = ["at+jwt", "application/at+jwt"];

/// A token that has the form of an access token and has proven nothing yet (RFC 7515 §7.1, RFC 9068 §2.1).
///
/// This is the lower door, for those who keep keys themselves; [`Verifier`](super::Verifier) is the usual one. Whether
/// the token was revoked is not looked up behind it.
#[derive(Debug)]
pub struct UnverifiedToken<'t>(UnverifiedJws<'t>);

impl<'t> UnverifiedToken<'t> {
    /// Reads form and header.
    ///
    /// Whatever the header says about where a key is to be found (`jku`, `jwk`, `x5u`, `x5c`) is ignored: who could
    /// follow such a member would let the sender choose the key.
    pub fn parse(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        UnverifiedJws::parse(token, TYPES).map(Self)
    }

    /// The id of the key that is said to have signed. 1 to 256 bytes of whatever the sender chose.
    pub fn kid(&self) -> &str {
        self.0.kid()
    }

    /// Checks the signature, and only then reads the claims and checks them.
    pub fn verify(&self, key: &VerificationKey, rules: &TokenRules) -> Result<AccessClaims, TokenError> {
        rules.check(self.0.verify(key)?)
    }
}
