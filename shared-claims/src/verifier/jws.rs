use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{TokenError, VerificationKey, header};

/// A signed text in compact serialization (RFC 7515 §7.1) whose header is in order and which has proven nothing yet.
#[derive(Debug)]
pub(super) struct UnverifiedJws<'t> {
    /// Header and payload as they were signed.
    signed: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
    kid: String,
}

impl<'t> UnverifiedJws<'t> {
    /// Reads form and header; `types` are the values of `typ` that are taken.
    pub(super) fn parse(text: &'t str, types: [&str; 2]) -> Result<Self, TokenError> {
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenError::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenError::NotCompact)?;
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        Ok(Self { signed, payload, signature, kid: header::parse(&header, types)? })
    }

    /// The id of the key that is said to have signed.
    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// The payload, once the signature has been found good.
    pub(super) fn verify(&self, key: &VerificationKey) -> Result<&[u8], TokenError> {
        if key.has_signed(self.signed.as_bytes(), &self.signature) {
            Ok(&self.payload)
        } else {
            Err(TokenError::Signature)
        }
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
