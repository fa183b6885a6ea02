//! One link of a refresh chain, as the client holds it.
//!
//! `base64url(version ‖ secret id ‖ session id ‖ generation ‖ HMAC-SHA-256(secret, all of that ‖ session nonce))`, with
//! fixed widths. The nonce is in the session's row and the secret in the key folder: neither the database nor the
//! secret alone makes a link, links of any age are recognised without storing them, and the newest can be made again.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::tokens::{RefreshSecret, SECRET_ID_BYTES, SecretId};

const VERSION: u8 = 1;
const SECRET_ID_AT: usize = 1;
const SESSION_AT: usize = SECRET_ID_AT + SECRET_ID_BYTES;
const GENERATION_AT: usize = SESSION_AT + 16;
const MAC_AT: usize = GENERATION_AT + 8;
const BYTES: usize = MAC_AT + 32;

/// A link as it came in: well-formed, and nothing else is known of it until [`RefreshToken::is_genuine`] says so.
pub struct RefreshToken {
    bytes: [u8; BYTES],
    secret_id: SecretId,
    session_id: Uuid,
    generation: i64,
}

impl std::fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RefreshToken({} of {})", self.generation, self.session_id)
    }
}

impl RefreshToken {
    /// Makes the link of this generation.
    pub fn mint(secret: &RefreshSecret, session_id: Uuid, nonce: &[u8], generation: i64) -> String {
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[SECRET_ID_AT..SESSION_AT].copy_from_slice(&secret.id());
        bytes[SESSION_AT..GENERATION_AT].copy_from_slice(session_id.as_bytes());
        bytes[GENERATION_AT..MAC_AT].copy_from_slice(&generation.to_be_bytes());
        let mac = secret.mac(&signed_part(&bytes, nonce));
        bytes[MAC_AT..].copy_from_slice(mac.as_ref());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a link; `None` when it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        // The length is checked first, so that no long text is decoded.
        if text.len() != BYTES.div_ceil(3) * 4 - (3 - BYTES % 3) % 3 {
            return None;
        }
        let bytes: [u8; BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        if bytes[0] != VERSION {
            return None;
        }
        Some(Self {
            secret_id: bytes[SECRET_ID_AT..SESSION_AT].try_into().ok()?,
            session_id: Uuid::from_slice(&bytes[SESSION_AT..GENERATION_AT]).ok()?,
            generation: i64::from_be_bytes(bytes[GENERATION_AT..MAC_AT].try_into().ok()?),
            bytes,
        })
    }

    /// Whether we made this link for a session with this nonce. In constant time.
    pub fn is_genuine(&self, secret: &RefreshSecret, nonce: &[u8]) -> bool {
        secret.verifies(&signed_part(&self.bytes, nonce), &self.bytes[MAC_AT..])
    }

    /// The secret it claims to be made with.
    pub fn secret_id(&self) -> SecretId {
        self.secret_id
    }

    /// The session it claims to belong to.
    pub fn session_id(&self) -> Uuid {
        self.session_id
    }

    /// The generation it claims to have.
    pub fn generation(&self) -> i64 {
        self.generation
    }
}

fn signed_part(bytes: &[u8; BYTES], nonce: &[u8]) -> Vec<u8> {
    [&bytes[..MAC_AT], nonce].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(seed: u8) -> RefreshSecret {
        RefreshSecret::from_bytes(&[seed; 32]).unwrap()
    }

    #[test]
    fn a_link_carries_what_it_was_made_of() {
        let session = Uuid::from_u128(7);
        let text = RefreshToken::mint(&secret(1), session, b"nonce", 42);
        let link = RefreshToken::parse(&text).unwrap();
        assert_eq!((link.session_id(), link.generation(), link.secret_id()), (session, 42, secret(1).id()));
        assert!(link.is_genuine(&secret(1), b"nonce"));
        assert_eq!(text, RefreshToken::mint(&secret(1), session, b"nonce", 42));
        assert!(!format!("{link:?}").contains(&text));
    }

    #[test]
    fn neither_the_secret_nor_the_nonce_alone_is_enough() {
        let link = RefreshToken::parse(&RefreshToken::mint(&secret(1), Uuid::nil(), b"nonce", 0)).unwrap();
        assert!(!link.is_genuine(&secret(2), b"nonce"));
        assert!(!link.is_genuine(&secret(1), b"other"));
    }

    #[test]
    fn a_link_with_any_character_changed_is_not_genuine() {
        let text = RefreshToken::mint(&secret(1), Uuid::from_u128(7), b"nonce", 3);
        for at in 0..text.len() {
            for other in ['A', 'b', '3', '-', '_'] {
                let mut changed: Vec<char> = text.chars().collect();
                if changed[at] == other {
                    continue;
                }
                changed[at] = other;
                let changed: String = changed.into_iter().collect();
                let genuine =
                    RefreshToken::parse(&changed).is_some_and(|link| link.is_genuine(&secret(1), b"nonce"));
                assert!(!genuine, "{at} {other}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,120}") {
            let _ = RefreshToken::parse(&text);
        }
    }
}
