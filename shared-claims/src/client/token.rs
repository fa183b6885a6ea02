use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

const SCHEME: &str = "Bearer ";

/// An access token of a service. `Debug` hides it; it is gone from memory with its last clone.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceToken(Arc<Zeroizing<String>>);

impl ServiceToken {
    /// `None` unless it is what may stand in a header (`b64token`, RFC 6750 §2.1).
    pub(super) fn parse(token: &str) -> Option<Self> {
        let body = token.trim_end_matches('=');
        let is_token_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        let is_token = !body.is_empty() && body.bytes().all(is_token_byte);
        is_token.then(|| Self(Arc::new(Zeroizing::new(format!("{SCHEME}{token}")))))
    }

    /// The token alone, as HTTP clients take it that know bearer tokens.
    pub fn as_str(&self) -> &str {
        &self.0[SCHEME.len()..]
    }

    /// The value of an `Authorization` header: `Bearer`, a space and the token (RFC 6750 §2.1).
    pub fn authorization(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceToken([hidden])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_to_those_who_ask_for_it_alone() {
        let token = ServiceToken::parse("abc.d_f-~+/==").unwrap();
        assert_eq!(token.as_str(), "abc.d_f-~+/==");
        assert_eq!(token.authorization(), "Bearer abc.d_f-~+/==");
        assert_eq!(format!("{token:?}"), "ServiceToken([hidden])");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_token() {
        for text in ["", "=", "a b", "a\r\nb", "a=b", "\"a\"", "ä"] {
            assert!(ServiceToken::parse(text).is_none(), "{text:?}");
        }
    }
}
