//! Issues access tokens: the JWT profile of RFC 9068.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use shared_claims::{AccessClaims, FIRST_PARTY_CLIENT_ID, Scopes, Status, StatusListRef};
use shared_service::Ids;
use utoipa::ToSchema;

use super::{Excess, Narrowing, SigningKey};
use crate::store::{clients::Client, sessions::SessionReading, statuses::StatusIndex};

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

/// Whom a token speaks for, a session or a [`Client`], and what it is to allow: made by [`TokenIssuer::grant`] and
/// [`TokenIssuer::client_grant`] alone.
#[derive(Debug)]
pub struct Grant<'a, T = SessionReading> {
    reading: &'a T,
    audience: Vec<String>,
    scope: Scopes,
}

/// How a token is used (RFC 6749 §7.1). There is one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub enum TokenType {
    /// Whoever has it may use it (RFC 6750).
    Bearer,
}

/// A signed access token and what the client is told about it.
pub struct AccessToken {
    /// The compact JWS.
    pub token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// What it allows.
    pub scope: Scopes,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessToken([hidden], {} s, {})", self.expires_in, self.scope)
    }
}

impl<'a, T> Grant<'a, T> {
    /// What was read of whom the token speaks for: all of it from one reading.
    pub fn reading(&self) -> &'a T {
        self.reading
    }

    /// What the token is to allow.
    pub fn scope(&self) -> &Scopes {
        &self.scope
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

    /// Everyone a token may be meant for.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.audience.iter().map(String::as_str)
    }

    /// Every scope that any role grants.
    pub fn known_scopes(&self) -> Scopes {
        self.role_scopes.values().collect()
    }

    /// What the user of `reading` gets when he asks for this much: never more than session and roles allow. A role that
    /// the settings do not know grants nothing, and whoever has left the settings since the login gets no more tokens.
    pub fn grant<'a>(&self, reading: &'a SessionReading, asked: &Narrowing) -> Result<Grant<'a>, Excess> {
        let known = |name: &&str| self.audience().any(|known| known == *name);
        let audience = asked.audience_of(reading.session.audience.split(' ').filter(known))?;
        let granted = reading.roles.iter().filter_map(|role| self.role_scopes.get(role)).collect();
        Ok(Grant { reading, audience, scope: asked.scope_of(granted)? })
    }

    /// What a service gets when it asks for this much: never more than the scopes it is registered with, nor for others
    /// than the settings name. That it may have anything at all is the caller's to see to.
    pub fn client_grant<'a>(
        &self,
        client: &'a Client,
        asked: &Narrowing,
    ) -> Result<Grant<'a, Client>, Excess> {
        let audience = asked.audience_of(self.audience())?;
        // What is not a list of scopes grants none.
        let registered = client.scopes.parse().unwrap_or_default();
        Ok(Grant { reading: client, audience, scope: asked.scope_of(registered)? })
    }

    /// Signs a token for a user. It never outlives the cap of the session.
    pub fn user_token(
        &self,
        key: &SigningKey,
        ids: &Ids,
        now_ms: i64,
        grant: &Grant<'_>,
    ) -> anyhow::Result<AccessToken> {
        let SessionReading { session, user, roles } = grant.reading;
        let now = now_ms / 1000;
        let exp = session.expires_at.min(self.expiry(now)?);
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            sub: user.id.clone(),
            aud: grant.audience.iter().cloned().collect(),
            exp,
            iat: now,
            nbf: None,
            jti: ids.next(now_ms).to_string(),
            client_id: FIRST_PARTY_CLIENT_ID.into(),
            scope: grant.scope.clone(),
            roles: Some(roles.clone()),
            username: Some(user.username.clone()),
            sid: Some(session.id.clone()),
            auth_time: Some(session.created_at),
            status: Some(self.status(session.status())?),
        };
        let token = key.sign(ACCESS_TOKEN_TYPE, &claims)?;
        Ok(AccessToken { token, expires_in: exp - now, scope: grant.scope.clone() })
    }

    /// Signs a token for a service (RFC 9068 §2.2: without an end user, `sub` is the client). Its status is the client's
    /// place at the reading: if the client was switched off since, the token comes into the world revoked.
    pub fn client_token(
        &self,
        key: &SigningKey,
        ids: &Ids,
        now_ms: i64,
        grant: &Grant<'_, Client>,
    ) -> anyhow::Result<AccessToken> {
        let client = grant.reading;
        let now = now_ms / 1000;
        let exp = self.expiry(now)?;
        let claims = AccessClaims {
            iss: self.issuer.clone(),
            sub: client.id.clone(),
            aud: grant.audience.iter().cloned().collect(),
            exp,
            iat: now,
            nbf: None,
            jti: ids.next(now_ms).to_string(),
            client_id: client.id.clone(),
            scope: grant.scope.clone(),
            roles: None,
            username: None,
            sid: None,
            auth_time: None,
            status: Some(self.status(client.status())?),
        };
        let token = key.sign(ACCESS_TOKEN_TYPE, &claims)?;
        Ok(AccessToken { token, expires_in: exp - now, scope: grant.scope.clone() })
    }

    fn expiry(&self, now: i64) -> anyhow::Result<i64> {
        Ok(now.saturating_add(i64::try_from(self.access_ttl.as_secs())?))
    }

    /// The address of a status list, which is also its `sub`.
    pub fn status_list_uri(&self, list: i64) -> String {
        status_list_uri(&self.issuer, list)
    }

    /// The `status` claim for a place in a list.
    pub fn status(&self, status: StatusIndex) -> anyhow::Result<Status> {
        let (idx, uri) = (u64::try_from(status.idx)?, self.status_list_uri(status.list));
        Ok(Status { status_list: StatusListRef { idx, uri } })
    }
}

pub(super) fn status_list_uri(issuer: &str, list: i64) -> String {
    format!("{issuer}/oauth/status-lists/{list}")
}
