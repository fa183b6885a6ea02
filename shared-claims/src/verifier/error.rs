use std::{fmt, time::Duration};

/// Why a token is not good. Every message is fit for a client's eyes: it can stand in the `error_description` of
/// RFC 6750 §3, so it has neither quotes nor backslashes, and it repeats nothing that the sender chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// Not the compact serialization of a signed token (RFC 7515 §7.1).
    #[error("the token is not three parts of canonical base64url joined by dots")]
    NotCompact,
    /// The header is not a JSON object, a member comes twice, or one has the wrong type.
    #[error("the token's header is malformed")]
    Header,
    /// Any `alg` but RS256, in any spelling.
    #[error("the token is not signed with RS256")]
    Algorithm,
    /// Another kind of token, such as an ID token (RFC 9068 §4).
    #[error("the token is not an access token: its typ must be at+jwt")]
    Type,
    /// `kid` is missing, empty or too long.
    #[error("the token does not name its signing key")]
    KeyId,
    /// The token demands an extension (`crit`, RFC 7515 §4.1.11, or `b64`, RFC 7797 §7).
    #[error("the token demands an extension that is not supported")]
    Extension,
    /// The issuer's key set has no key of that `kid`.
    #[error("the token's signing key is not known")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the token's signature is wrong")]
    Signature,
    /// The payload is not a JSON object, or a claim comes twice.
    #[error("the token's claims are malformed")]
    Claims,
    /// A claim is not as RFC 9068 and this system require.
    #[error("the token's claim {name} {fault}")]
    Claim {
        /// The claim's name.
        name: &'static str,
        /// What is wrong with it.
        fault: ClaimFault,
    },
    /// `iss` is somebody else.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` does not have this service.
    #[error("the token is meant for another service")]
    Audience,
    /// `exp` has come.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` is still to come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The token was good until its session or its client was ended.
    #[error("the token was revoked")]
    Revoked,
}

/// What is wrong with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimFault {
    /// It is required and not there.
    Missing,
    /// It is of another type, empty, or malformed.
    Invalid,
    /// It belongs to users' tokens and this is a service's.
    Unexpected,
    /// In a service's token `sub` and `client_id` are the same.
    NotTheClient,
}

impl fmt::Display for ClaimFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Invalid => "has the wrong type or value",
            Self::Unexpected => "does not belong in a service's token",
            Self::NotTheClient => "differs from client_id",
        })
    }
}

/// Why a token could not be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The token is not good, now and later: 401.
    #[error(transparent)]
    Invalid(#[from] TokenError),
    /// The keys or the status list to tell cannot be had at the moment; the token may be good: 503.
    #[error("the keys or the status list to verify the token with cannot be had at the moment")]
    Unavailable {
        /// When it makes sense to ask again.
        retry_after: Duration,
    },
}
