//! Login sessions: the refresh chain and how it advances (tokens are links of a chain, RFC 9700 §4.14.2);
//! `GET /auth/sessions`, `DELETE /auth/sessions/{id}`.

mod chain;
mod end;
mod list;
mod refresh_token;
mod restored;

use serde::Serialize;
use shared_claims::Scopes;
use shared_service::database::DbConnection;
use utoipa::{OpenApi, ToSchema};

pub use crate::store::sessions::{Session, SessionReading};
use crate::{
    store::{
        sessions::{self, LivingAt},
        users,
    },
    tokens::TokenType,
};
pub use chain::{Chain, Refreshed, Refusal, identify, inspect};
pub(crate) use end::end;
pub(crate) use list::{SessionPage, SessionView, list};
pub use refresh_token::RefreshToken;
pub use restored::{AfterRestoring, after_restoring};

/// How long sessions live.
#[derive(Debug, Clone, Copy)]
pub struct SessionRules {
    /// Seconds from login to the end, never extended.
    pub ttl: i64,
    /// Seconds without a refresh.
    pub idle_ttl: i64,
    /// Milliseconds within which a refresh may be repeated.
    pub refresh_grace_ms: i64,
}

impl SessionRules {
    /// When the session ends if nothing more happens. Unix seconds.
    pub fn ends_at(&self, session: &Session) -> i64 {
        session.expires_at.min(session.last_used_at.saturating_add(self.idle_ttl))
    }

    /// Whether the session lives at `now` (Unix seconds), and its user may use it.
    pub fn is_alive(&self, reading: &SessionReading, now: i64) -> bool {
        reading.session.ended_at.is_none() && reading.user.is_active && now < self.ends_at(&reading.session)
    }

    /// The same for a query: which sessions live at `now`.
    pub fn living_at(&self, now: i64) -> LivingAt {
        LivingAt { now, used_after: now.saturating_sub(self.idle_ttl) }
    }
}

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(paths(list::list, end::end))]
pub(crate) struct Document;

/// The answer to a login or refresh: the token response of RFC 6749 §5.1.
#[derive(Serialize, ToSchema)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// Seconds the access token lives.
    #[schema(examples(300))]
    pub expires_in: i64,
    /// The newest refresh token of the session; left out when it travels in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub refresh_token: Option<String>,
    /// Seconds the session lives without another refresh.
    #[schema(examples(604_800))]
    pub refresh_expires_in: i64,
    /// What the access token allows: scopes with blanks between.
    #[schema(value_type = String, examples("posts:read posts:write"))]
    pub scope: Scopes,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenResponse([hidden], {} s, {})", self.expires_in, self.scope)
    }
}

/// Starts a session, if the user still is as he was verified: hashing takes long enough for a password, a role or the
/// account to change meanwhile. Call it in a transaction. False when the user changed.
pub fn start(
    connection: &mut DbConnection,
    session: &Session,
    user_version: i64,
) -> diesel::QueryResult<bool> {
    if !users::hold(connection, &session.user_id, user_version)? {
        return Ok(false);
    }
    sessions::insert(connection, session)?;
    Ok(true)
}
