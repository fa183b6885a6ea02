use super::{STATUS_LIST_MEDIA_TYPE, STATUS_LIST_TYPE, StatusList, StatusListClaims, StatusListError};
use crate::verifier::{TokenError, TokenRules, VerifyError, jws::UnverifiedJws, keys::Keys};

const TYPES: [&str; 2] = [STATUS_LIST_TYPE, STATUS_LIST_MEDIA_TYPE];

/// A list that the issuer has signed for this address and this time.
#[derive(Debug)]
pub(super) struct VerifiedList {
    pub(super) list: StatusList,
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) ttl: u64,
}

/// Reads a list's JWT (draft-ietf-oauth-status-list-21 §8.3). The signature is checked before any claim is looked at.
pub(super) async fn verify(
    jwt: &[u8],
    address: &str,
    keys: &Keys,
    rules: &TokenRules,
) -> Result<VerifiedList, ListTokenError> {
    let jwt = std::str::from_utf8(jwt).map_err(|_| TokenError::NotCompact)?;
    let jws = UnverifiedJws::parse(jwt, TYPES).map_err(|error| match error {
        TokenError::Type => ListTokenError::Type,
        other => other.into(),
    })?;
    let keys = keys.having(jws.kid()).await?;
    let key = keys.get(jws.kid()).ok_or(TokenError::UnknownKey)?;
    let claims = read_claims(jws.verify(key)?)?;
    let now = rules.now_ms();
    if claims.sub != address {
        return Err(ListTokenError::Address);
    }
    if rules.has_passed(claims.exp, now) {
        return Err(ListTokenError::Expired);
    }
    // An `iat` that is ahead of our clock is no reason to refuse: it would leave us with what was not revoked before.
    if claims.exp <= claims.iat {
        return Err(ListTokenError::Period);
    }
    let list = claims.status_list.decode()?;
    Ok(VerifiedList { list, iat: claims.iat, exp: claims.exp, ttl: claims.ttl })
}

fn read_claims(payload: &[u8]) -> Result<StatusListClaims, ListTokenError> {
    // serde would also take the claims from an array, in the order of our struct.
    if !payload.trim_ascii_start().starts_with(b"{") {
        return Err(ListTokenError::Claims);
    }
    serde_json::from_slice(payload).map_err(|_| ListTokenError::Claims)
}

/// Why a list's JWT is not good.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListTokenError {
    #[error("as a signed list it is not good: {0}")]
    Jws(#[from] TokenError),
    #[error("its typ is not {STATUS_LIST_TYPE}")]
    Type,
    #[error("its signing key cannot be had: {0}")]
    Keys(#[from] VerifyError),
    #[error("its claims are not those of a status list")]
    Claims,
    #[error("its sub is another list's address")]
    Address,
    #[error("it has expired")]
    Expired,
    #[error("its exp is not after its iat")]
    Period,
    #[error(transparent)]
    List(#[from] StatusListError),
}
