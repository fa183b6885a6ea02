use std::fmt;

use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    RsaJwk,
    jwk::{thumbprint, without_leading_zeros},
};

/// The longest `kid` that is looked at, in a token or in a key set.
pub const MAX_KID_BYTES: usize = 256;

/// A public RSA key that tokens are verified with: 2048 to 8192 bits, for RS256 alone.
#[derive(Clone)]
pub struct VerificationKey {
    kid: String,
    /// Parsed once: `jsonwebtoken` would parse it for every token, which costs as much as the check itself.
    key: ParsedPublicKey,
}

impl VerificationKey {
    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// A key from its numbers, big-endian. Without a `kid` it is the RFC 7638 thumbprint.
    pub(super) fn from_numbers(kid: Option<&str>, n: &[u8], e: &[u8]) -> Result<Self, UnusableKey> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        check_modulus(n)?;
        check_exponent(e)?;
        let kid = kid.map_or_else(|| thumbprint(n, e), str::to_owned);
        if !(1..=MAX_KID_BYTES).contains(&kid.len()) {
            return Err(UnusableKey("its kid is empty or too long"));
        }
        let key = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
        Ok(Self { kid, key: key.map_err(|_| UnusableKey("its numbers make no RSA key"))? })
    }

    /// Whether `signature` is the RS256 signature of `message` by this key (RFC 7518 §3.3).
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl TryFrom<&RsaJwk> for VerificationKey {
    type Error = UnusableKey;

    fn try_from(jwk: &RsaJwk) -> Result<Self, UnusableKey> {
        Self::from_numbers(Some(jwk.kid()), &decode_uint(jwk.n())?, &decode_uint(jwk.e())?)
    }
}

/// Why a key cannot verify tokens here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnusableKey(pub(super) &'static str);

pub(super) fn decode_uint(base64url: &str) -> Result<Vec<u8>, UnusableKey> {
    URL_SAFE_NO_PAD.decode(base64url).map_err(|_| UnusableKey("a number in it is not base64url"))
}

fn check_modulus(n: &[u8]) -> Result<(), UnusableKey> {
    let leading = n.first().map_or(8, |byte| byte.leading_zeros() as usize);
    if !(2048..=8192).contains(&(n.len() * 8).saturating_sub(leading)) {
        return Err(UnusableKey("its modulus is not 2048 to 8192 bits long"));
    }
    if n.last().is_none_or(|byte| byte % 2 == 0) {
        return Err(UnusableKey("its modulus is even"));
    }
    Ok(())
}

/// An exponent of 1 would make every message its own signature. Real exponents are small, and large ones only buy the
/// sender of a key set our processor time.
fn check_exponent(e: &[u8]) -> Result<(), UnusableKey> {
    if e.len() > 8 || e.last().is_none_or(|byte| byte % 2 == 0) || e == [1] {
        return Err(UnusableKey("its exponent is not an odd number from 3 to 2^64"));
    }
    Ok(())
}
