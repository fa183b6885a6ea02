//! Issues access tokens: the JWT profile of RFC 9068.

use std::{collections::BTreeMap, time::Duration};

use shared_claims::{AccessClaims, FIRST_PARTY_CLIENT_ID, Scopes, Status, StatusListRef};
use shared_service::Ids;

use super::{Excess, Narrowing, SigningKey};
use crate::store::{sessions::SessionReading, statuses::StatusIndex};

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

/// Whom a token is for, and what it is to allow: made by [`TokenIssuer::grant`] alone.
#[derive(Debug)]
pub struct Grant<'a> {
    reading: &'a SessionReading,
    audience: Vec<String>,
    scope: Scopes,
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

impl<'a> Grant<'a> {
    /// The session, its user and his roles, from one reading.
    pub fn reading(&self) -> &'a SessionReading {
        self.reading
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
        let ttl = i64::try_from(self.access_ttl.as_secs())?;
        let exp = session.expires_at.min(now.saturating_add(ttl));
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
