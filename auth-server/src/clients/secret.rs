//! Client secrets: 256 random bits, kept as SHA-256. A slow hash protects what can be guessed; these cannot.

use std::collections::BTreeSet;

use aws_lc_rs::{constant_time, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::store::clients::ClientSecret;

const BYTES: usize = 32;
const ENCODED: usize = 43;
/// 32 random bytes have fewer different ones once in 10^13 times.
const MIN_DISTINCT: usize = 12;

/// A client secret: the base64url text of 256 bits. `Debug` hides it.
pub struct Secret(Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Secret {
    /// A new one, from the operating system's randomness.
    pub fn random() -> anyhow::Result<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        getrandom::fill(bytes.as_mut())?;
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref()))))
    }

    /// A secret that was made elsewhere. The error says what would do: what is stored is not safe for fewer bits. Whether
    /// the bytes are random cannot be told; those that are plainly not are refused.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).unwrap_or_default());
        let distinct = decoded.iter().collect::<BTreeSet<_>>().len();
        if text.len() == ENCODED && decoded.len() == BYTES && distinct >= MIN_DISTINCT {
            return Ok(Self(Zeroizing::new(text.to_owned())));
        }
        Err("must be 32 random bytes in base64url without padding, 43 characters: \
             openssl rand -base64 32 | tr '+/' '-_' | tr -d '='")
    }

    /// The text, for whoever is to keep it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }
}

/// Whether `presented` is one of these. Every stored one is compared, in constant time; with none, as much is done as
/// with one, so that the time does not tell whether there is such a client.
pub fn is_one_of(presented: &str, secrets: &[ClientSecret]) -> bool {
    let presented = hash(presented);
    let nobodys = [0; BYTES];
    let is_nobodys = constant_time::verify_slices_are_equal(&presented, &nobodys).is_ok();
    let matches = |secret: &ClientSecret| {
        constant_time::verify_slices_are_equal(&presented, &secret.secret_hash).is_ok()
    };
    secrets.iter().fold(false, |found, secret| found | matches(secret)) && !is_nobodys
}

fn hash(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(secret: &Secret) -> ClientSecret {
        ClientSecret {
            id: String::new(),
            client_id: String::new(),
            secret_hash: secret.hash(),
            created_at: 0,
        }
    }

    #[test]
    fn each_live_secret_is_good_and_no_other() {
        let secrets = [Secret::random().unwrap(), Secret::random().unwrap()];
        let live = secrets.each_ref().map(stored);
        assert!(secrets.iter().all(|secret| is_one_of(secret.expose(), &live)));
        assert!(!is_one_of(secrets[0].expose(), &live[1..]));
        assert!(!is_one_of(Secret::random().unwrap().expose(), &live));
        assert!(!is_one_of("", &live));
        assert!(!is_one_of("", &[]));
    }

    #[test]
    fn a_secret_made_elsewhere_has_256_bits() {
        let made = Secret::random().unwrap();
        assert_eq!(Secret::parse(made.expose()).unwrap().hash(), made.hash());
        for bad in [
            "",
            "password",
            &"a".repeat(42),
            &format!("{}=", made.expose()),
            &"!".repeat(43),
            &"A".repeat(43),
        ] {
            assert!(Secret::parse(bad).is_err(), "{bad}");
        }
    }
}
