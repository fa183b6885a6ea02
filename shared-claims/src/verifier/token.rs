use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{TokenError, TokenRules, VerificationKey, header};
use crate::AccessClaims;

/// A longer token is refused unread.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// A token that has the form of an access token and has proven nothing yet (RFC 7515 §7.1, RFC 9068 §2.1).
///
/// This is the lower door, for those who keep keys themselves; [`Verifier`](super::Verifier) is the usual one.
#[derive(Debug)]
pub struct UnverifiedToken<'t> {
    /// Header and payload as they were signed.
    signed: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
    kid: String,
}

impl<'t> UnverifiedToken<'t> {
    /// Reads form and header.
    ///
    /// Whatever the header says about where a key is to be found (`jku`, `jwk`, `x5u`, `x5c`) is ignored: who could
    /// follow such a member would let the sender choose the key.
    pub fn parse(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::NotCompact)?;
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        Ok(Self { signed, payload, signature, kid: header::parse(&header)? })
    }

    /// The id of the key that is said to have signed. 1 to 256 bytes of whatever the sender chose.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks the signature, and only then reads the claims and checks them.
    pub fn verify(&self, key: &VerificationKey, rules: &TokenRules) -> Result<AccessClaims, TokenError> {
        if !key.has_signed(self.signed.as_bytes(), &self.signature) {
            return Err(TokenError::Signature);
        }
        rules.check(&self.payload)
    }
}

/// One part of a token. An empty part, padding, foreign characters (dots among them) and stray bits in the last
/// character are refused, so that a token has exactly one spelling.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    match URL_SAFE_NO_PAD.decode(part) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(TokenError::NotCompact),
    }
}
