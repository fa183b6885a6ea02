//! Issues access tokens: the JWT profile of RFC 9068.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use shared_claims::{AccessClaims, FIRST_PARTY_CLIENT_ID, Scopes};
use shared_service::Ids;

use super::SigningKey;
use crate::store::sessions::SessionReading;

/// The `typ` of access tokens (RFC 9068 §2.1).
const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// What every token has in common, from the settings.
#[derive(Debug)]
pub struct TokenIssuer {
    issuer: String,
    access_ttl: Duration,
    audience: Vec<String>,
    role_scopes: BTreeMap<String, Scopes>,
}

/// Whom a token is for, and what it is to allow.
#[derive(Debug)]
pub struct Grant<'a> {
    /// The session, its user and his roles, from one reading.
    pub reading: &'a SessionReading,
    /// Of the session's audience, only these.
    pub audience: Option<Vec<String>>,
    /// Of the roles' scopes, only these.
    pub scope: Option<Scopes>,
}

/// A signed access token and what the client is told about it.
#[derive(Debug, Serialize)]
pub struct AccessToken {
    /// The compact JWS.
    pub token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// What it allows.
    pub scope: Scopes,
}

impl<'a> Grant<'a> {
    /// All that the session and the roles allow.
    pub fn full(reading: &'a SessionReading) -> Self {
        Self { reading, audience: None, scope: None }
    }
}

impl TokenIssuer {
    /// `audience` is what resource services call themselves; the issuer itself is added.
    pub fn new(
        issuer: &str,
        access_ttl: Duration,
        audience: &[String],
        role_scopes: BTreeMap<String, Scopes>,
    ) -> Self {
        let mut everyone = vec![issuer.to_owned()];
        everyone.extend(audience.iter().filter(|name| *name != issuer).cloned());
        Self { issuer: issuer.into(), access_ttl, audience: everyone, role_scopes }
    }

    /// `iss` of every token.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Everyone a token may be meant for.
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// Every scope that any role grants.
    pub fn known_scopes(&self) -> Scopes {
        self.role_scopes.values().collect()
    }

    /// The scopes that these roles grant together. A role the settings do not know grants nothing.
    pub fn scopes_of(&self, roles: &[String]) -> Scopes {
        roles.iter().filter_map(|role| self.role_scopes.get(role)).collect()
    }

    /// Signs a token for a user. It never outlives the session.
    ///
    /// `grant` must have been checked to be a subset of what the session and the roles allow.
    pub fn user_token(
        &self,
        key: &SigningKey,
        ids: &Ids,
        now_ms: i64,
        grant: &Grant<'_>,
    ) -> anyhow::Result<AccessToken> {
        let SessionReading { session, user, roles } = grant.reading;
        let now = now_ms / 1000;
        let ttl = i64::try_from(self.access_ttl.as_secs())?;
        let exp = session.expires_at.min(now.saturating_add(ttl));
        let scope = grant.scope.clone().unwrap_or_else(|| self.scopes_of(roles));
        let granted: Vec<&str> = match &grant.audience {
            Some(narrowed) => narrowed.iter().map(String::as_str).collect(),
            None => session.audience.split(' ').collect(),
        };
        // Whoever has left the settings since the login gets no more tokens.
        let audience = granted.into_iter().filter(|name| self.audience.iter().any(|known| known == name));
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            sub: user.id.clone(),
            aud: audience.collect(),
            exp,
            iat: now,
            nbf: None,
            jti: ids.next(now_ms).to_string(),
            client_id: FIRST_PARTY_CLIENT_ID.into(),
            scope: scope.clone(),
            roles: Some(roles.clone()),
            username: Some(user.username.clone()),
            sid: Some(session.id.clone()),
            auth_time: Some(session.created_at),
            status: None,
        };
        let token = key.sign(ACCESS_TOKEN_TYPE, &claims)?;
        Ok(AccessToken { token, expires_in: exp - now, scope })
    }
}
