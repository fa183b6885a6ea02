use std::time::Duration;

use super::{ClaimFault, TokenError};
use crate::{AccessClaims, Clock, FIRST_PARTY_CLIENT_ID, clock::millis};

const REQUIRED: [&str; 8] = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope"];
const OPTIONAL: [&str; 6] = ["nbf", "roles", "username", "sid", "auth_time", "status"];

/// What the claims of a token must be, once its signature has been found good (RFC 9068 §4).
#[derive(Debug, Clone)]
pub struct TokenRules {
    issuer: String,
    audience: String,
    any_audience: bool,
    leeway_ms: i64,
    clock: Clock,
}

impl TokenRules {
    /// Tokens of exactly this issuer, meant for this audience, by the machine's clock with a leeway of 5 seconds.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            any_audience: false,
            leeway_ms: 5_000,
            clock: Clock::system(),
        }
    }

    /// Takes tokens for any audience. This is for the issuer itself, which answers for all of its tokens when it is asked
    /// about one (RFC 7009, RFC 7662). Let nobody in by it: whoever was handed a token for himself could use it here.
    #[must_use]
    pub fn for_any_audience(mut self) -> Self {
        self.any_audience = true;
        self
    }

    /// By how much the issuer's clock may differ from ours.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway_ms = millis(leeway);
        self
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The issuer that is trusted.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The audience that a token must have.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    pub(super) fn check(&self, payload: &[u8]) -> Result<AccessClaims, TokenError> {
        // serde would also take the claims from an array, in the order of our struct.
        if !payload.trim_ascii_start().starts_with(b"{") {
            return Err(TokenError::Claims);
        }
        let claims: AccessClaims = serde_json::from_slice(payload).map_err(|_| name_the_fault(payload))?;
        check_not_empty(&claims)?;
        if claims.iss != self.issuer {
            return Err(TokenError::Issuer);
        }
        if !self.any_audience && !claims.aud.contains(&self.audience) {
            return Err(TokenError::Audience);
        }
        self.check_times(&claims)?;
        check_principal(&claims)?;
        Ok(claims)
    }

    /// A token is good before its `exp`, not at it (RFC 7519 §4.1.4). Saturation keeps absurd times from wrapping round.
    fn check_times(&self, claims: &AccessClaims) -> Result<(), TokenError> {
        let now = self.now_ms();
        if self.has_passed(claims.exp, now) {
            return Err(TokenError::Expired);
        }
        if self.is_ahead(claims.iat, now) || claims.nbf.is_some_and(|nbf| self.is_ahead(nbf, now)) {
            return Err(TokenError::NotYetValid);
        }
        Ok(())
    }

    pub(super) fn leeway_ms(&self) -> i64 {
        self.leeway_ms
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Whether that second has come, even if our clock is ahead by the leeway.
    pub(super) fn has_passed(&self, seconds: i64, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.leeway_ms) >= seconds.saturating_mul(1000)
    }

    /// Whether that second is still to come, even if our clock is behind by the leeway.
    fn is_ahead(&self, seconds: i64, now_ms: i64) -> bool {
        seconds.saturating_mul(1000) > now_ms.saturating_add(self.leeway_ms)
    }
}

fn check_not_empty(claims: &AccessClaims) -> Result<(), TokenError> {
    let strings = [
        ("sub", Some(&claims.sub)),
        ("jti", Some(&claims.jti)),
        ("client_id", Some(&claims.client_id)),
        ("username", claims.username.as_ref()),
        ("sid", claims.sid.as_ref()),
    ];
    match strings.iter().find(|(_, value)| value.is_some_and(String::is_empty)) {
        Some((name, _)) => Err(TokenError::Claim { name, fault: ClaimFault::Invalid }),
        None => Ok(()),
    }
}

/// A token is a user's or a service's, never something in between that one reader takes for this and another for that.
fn check_principal(claims: &AccessClaims) -> Result<(), TokenError> {
    let of_users = [
        ("roles", claims.roles.is_some()),
        ("username", claims.username.is_some()),
        ("sid", claims.sid.is_some()),
        ("auth_time", claims.auth_time.is_some()),
    ];
    let is_users = claims.client_id == FIRST_PARTY_CLIENT_ID;
    if let Some((name, _)) = of_users.iter().find(|(_, present)| *present != is_users) {
        let fault = if is_users { ClaimFault::Missing } else { ClaimFault::Unexpected };
        return Err(TokenError::Claim { name, fault });
    }
    if !is_users && claims.sub != claims.client_id {
        return Err(TokenError::Claim { name: "sub", fault: ClaimFault::NotTheClient });
    }
    Ok(())
}

/// Reads refused claims a second time to tell which of them was at fault; good tokens do not pay for it.
fn name_the_fault(payload: &[u8]) -> TokenError {
    let Ok(members) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(payload) else {
        return TokenError::Claims;
    };
    if let Some(name) = REQUIRED.into_iter().find(|name| !members.contains_key(*name)) {
        return TokenError::Claim { name, fault: ClaimFault::Missing };
    }
    let mut json = serde_json::Deserializer::from_slice(payload);
    let Err(error) = serde_path_to_error::deserialize::<_, AccessClaims>(&mut json) else {
        return TokenError::Claims;
    };
    let path = error.path().to_string();
    let at_fault = path.split(['.', '[']).next().unwrap_or_default();
    match REQUIRED.into_iter().chain(OPTIONAL).find(|name| *name == at_fault) {
        Some(name) => TokenError::Claim { name, fault: ClaimFault::Invalid },
        None => TokenError::Claims,
    }
}
