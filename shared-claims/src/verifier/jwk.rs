use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

/// A public RSA key as this system publishes it (RFC 7517 §4, RFC 7518 §6.3.1): `kty`, `use`, `alg`, `kid`, `n`, `e` and
/// nothing private.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RsaJwk {
    kty: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    kid: String,
    n: String,
    e: String,
}

impl RsaJwk {
    /// From modulus and public exponent, big-endian; leading zeros are dropped. The `kid` is the [`thumbprint`].
    ///
    /// The numbers are not judged here; `VerificationKey::try_from(&jwk)` does that.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Self {
        let (n, e) = (base64url_uint(modulus), base64url_uint(exponent));
        let kid = thumbprint(modulus, exponent);
        Self { kty: "RSA", usage: "sig", alg: "RS256", kid, n, e }
    }

    /// The key's id.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The modulus, base64url.
    pub fn n(&self) -> &str {
        &self.n
    }

    /// The public exponent, base64url.
    pub fn e(&self) -> &str {
        &self.e
    }
}

/// The SHA-256 thumbprint of an RSA key (RFC 7638 §3), base64url: the `kid` of our keys.
pub fn thumbprint(modulus: &[u8], exponent: &[u8]) -> String {
    let (n, e) = (base64url_uint(modulus), base64url_uint(exponent));
    let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

/// `Base64urlUInt` of RFC 7518 §2.
fn base64url_uint(big_endian: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(without_leading_zeros(big_endian))
}

pub(super) fn without_leading_zeros(big_endian: &[u8]) -> &[u8] {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    &big_endian[zeros..]
}
