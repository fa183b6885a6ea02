use std::{collections::HashMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::crypto::aws_lc;
use serde::Deserialize;
use serde_json::Value;

use super::{
    VerificationKey,
    key::{UnusableKey, decode_uint},
};

/// A set with more keys is not a key set that anybody publishes on purpose; auth-server keeps up to 100.
const MAX_KEYS: usize = 512;

/// The public keys of an issuer, by `kid`.
#[derive(Clone, Default)]
pub struct KeySet(HashMap<String, VerificationKey>);

impl KeySet {
    /// Reads a JWK Set (RFC 7517 §5).
    ///
    /// Keys that are not for us are skipped, as the RFC asks: those that are not RSA, say another `use`, `alg` or
    /// `key_ops`, have no `kid`, or are too weak. No usable key at all is an error. Of two keys with one `kid` the first
    /// counts.
    pub fn from_jwks(json: &[u8]) -> Result<Self, KeySetError> {
        #[derive(Deserialize)]
        struct Jwks {
            keys: Vec<Value>,
        }
        let jwks: Jwks = serde_json::from_slice(json).map_err(|_| KeySetError::Malformed("a JWK Set"))?;
        if jwks.keys.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        Self::from_usable(jwks.keys.into_iter().map(key_from_jwk))
    }

    /// Reads one or more public keys in PEM (`BEGIN PUBLIC KEY`, RFC 7468 §13). The `kid` of each is its RFC 7638
    /// thumbprint.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeySetError> {
        let text = std::str::from_utf8(pem).map_err(|_| KeySetError::Malformed("PEM"))?;
        let blocks = pem_blocks(text)?;
        if blocks.len() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        Self::from_usable(blocks.iter().map(|der| key_from_spki(der)))
    }

    /// Reads a file that is either: JSON begins with a brace, PEM does not.
    pub fn from_file_contents(contents: &[u8]) -> Result<Self, KeySetError> {
        if contents.trim_ascii_start().starts_with(b"{") {
            Self::from_jwks(contents)
        } else {
            Self::from_pem(contents)
        }
    }

    /// The key of that id.
    pub fn get(&self, kid: &str) -> Option<&VerificationKey> {
        self.0.get(kid)
    }

    /// The ids of the keys, in no order.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn from_usable(
        keys: impl Iterator<Item = Result<VerificationKey, UnusableKey>>,
    ) -> Result<Self, KeySetError> {
        let set: Self = keys
            .filter_map(|key| {
                key.inspect_err(|reason| log::debug!("skipped a key of a key set: {reason}")).ok()
            })
            .collect();
        if set.0.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(set) }
    }
}

/// Of two keys with one `kid` the first counts.
impl FromIterator<VerificationKey> for KeySet {
    fn from_iter<I: IntoIterator<Item = VerificationKey>>(keys: I) -> Self {
        let mut set = HashMap::new();
        for key in keys {
            set.entry(key.kid().to_owned()).or_insert(key);
        }
        Self(set)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.kids()).finish()
    }
}

/// Why a key set cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is not what it should be.
    #[error("the key set is not {0}")]
    Malformed(&'static str),
    /// It has more than 512 keys.
    #[error("the key set has more than {MAX_KEYS} keys")]
    TooManyKeys,
    /// It has a private key, which has no business with those who verify.
    #[error("the key set has a private key in it; give the public key alone")]
    PrivateKey,
    /// It has no key that RS256 tokens can be verified with.
    #[error("the key set has no usable key: an RSA key for RS256, of 2048 to 8192 bits, with a kid")]
    NoUsableKey,
}

fn key_from_jwk(jwk: Value) -> Result<VerificationKey, UnusableKey> {
    #[derive(Deserialize)]
    struct Jwk {
        kty: String,
        #[serde(rename = "use")]
        usage: Option<String>,
        alg: Option<String>,
        key_ops: Option<Vec<String>>,
        kid: Option<String>,
        n: Option<String>,
        e: Option<String>,
    }
    let jwk: Jwk =
        serde_json::from_value(jwk).map_err(|_| UnusableKey("a member is missing or of another type"))?;
    if jwk.kty != "RSA" {
        return Err(UnusableKey("it is not an RSA key"));
    }
    if jwk.usage.is_some_and(|usage| usage != "sig")
        || jwk.alg.is_some_and(|alg| alg != "RS256")
        || jwk.key_ops.is_some_and(|ops| !ops.iter().any(|op| op == "verify"))
    {
        return Err(UnusableKey("it is meant for something else"));
    }
    let (Some(kid), Some(n), Some(e)) = (jwk.kid, jwk.n, jwk.e) else {
        return Err(UnusableKey("it lacks kid, n or e"));
    };
    VerificationKey::from_numbers(Some(&kid), &decode_uint(&n)?, &decode_uint(&e)?)
}

fn key_from_spki(der: &[u8]) -> Result<VerificationKey, UnusableKey> {
    let (n, e) = (aws_lc::DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key)(der)
        .map_err(|_| UnusableKey("it is not an RSA key"))?;
    VerificationKey::from_numbers(None, &n, &e)
}

/// The contents of every `PUBLIC KEY` block; text around blocks is allowed (RFC 7468 §2), other blocks are not.
fn pem_blocks(text: &str) -> Result<Vec<Vec<u8>>, KeySetError> {
    let malformed = KeySetError::Malformed("PEM with PUBLIC KEY blocks");
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("-----BEGIN ") else { continue };
        if label.contains("PRIVATE KEY") {
            return Err(KeySetError::PrivateKey);
        }
        if label != "PUBLIC KEY-----" {
            return Err(malformed);
        }
        let mut body = String::new();
        loop {
            match lines.next().ok_or(malformed)? {
                "-----END PUBLIC KEY-----" => break,
                line => body.push_str(line),
            }
        }
        blocks.push(STANDARD.decode(body).map_err(|_| malformed)?);
    }
    if blocks.is_empty() { Err(malformed) } else { Ok(blocks) }
}
