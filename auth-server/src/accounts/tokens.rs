//! Turns a session into an answer with tokens.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cookie;
use crate::{
    app::AppState,
    error::ApiError,
    sessions::{RefreshToken, TokenResponse},
    tokens::{Grant, TokenType},
};

/// How the refresh token travels: `json`, in the body (the default); `cookie`, in a cookie that scripts cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RefreshTokenMode)]
pub enum Mode {
    /// In the body.
    #[default]
    Json,
    /// In a cookie that scripts cannot read.
    Cookie,
}

/// Signs an access token, and makes the newest link of the session as it was read.
pub fn issue(state: &AppState, grant: &Grant<'_>, now_ms: i64) -> Result<TokenResponse, ApiError> {
    let ring = state.keys.ring();
    let now = now_ms / 1000;
    let missing = |missing: anyhow::Error| ApiError::Unavailable(missing.to_string());
    let (key, secret) = (ring.active(now).map_err(missing)?, ring.active_secret(now).map_err(missing)?);
    let access = state.issuer.user_token(key, &state.ids, now_ms, grant)?;
    let session = &grant.reading().session;
    let session_id = Uuid::parse_str(&session.id).map_err(anyhow::Error::from)?;
    let link = RefreshToken::mint(secret, session_id, &session.nonce, session.generation);
    Ok(TokenResponse {
        access_token: access.token,
        token_type: TokenType::Bearer,
        expires_in: access.expires_in,
        refresh_token: Some(link),
        refresh_expires_in: state.session_rules.ends_at(session) - now,
        scope: access.scope,
    })
}

/// An answer with tokens is never stored by caches, not even by those of HTTP/1.0 (RFC 6749 §5.1).
pub fn never_stored(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::PRAGMA, "no-cache"));
    response
}

/// The answer to whoever gets tokens of a session.
pub fn respond(state: &AppState, mode: Mode, mut tokens: TokenResponse) -> HttpResponse {
    let mut response = never_stored(HttpResponse::Ok());
    if mode == Mode::Cookie
        && let Some(link) = tokens.refresh_token.take()
    {
        response.cookie(cookie::set(&state.config, link, tokens.refresh_expires_in));
    }
    response.json(tokens)
}
