//! `POST /auth/login`: exchanges a password for tokens, and starts a session.

use actix_web::{HttpRequest, HttpResponse, http::header::USER_AGENT, web::Data};
use serde::Deserialize;
use shared_claims::Audience;
use shared_service::json::Json;
use zeroize::Zeroizing;

use super::{
    Password, Username, cookie,
    tokens::{Mode, issue, narrow_audience, respond},
};
use crate::{
    app::AppState,
    error::ApiError,
    sessions::{self, Session, SessionReading},
    store::users::{self, UserWithRoles},
    tokens::Grant,
};

const NONCE_BYTES: usize = 16;
const MAX_USER_AGENT: usize = 255;

/// The body.
#[derive(Deserialize)]
pub(crate) struct LoginRequest {
    username: String,
    password: Zeroizing<String>,
    #[serde(default)]
    mode: Mode,
    audience: Option<Audience>,
}

/// `POST /auth/login`.
pub(crate) async fn login(
    request: HttpRequest,
    state: Data<AppState>,
    Json(body): Json<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.mode == Mode::Cookie && !cookie::origin_is_allowed(&request, &state.config) {
        return Err(ApiError::OriginNotAllowed);
    }
    let everyone: Vec<&str> = state.issuer.audience().iter().map(String::as_str).collect();
    let audience = narrow_audience(body.audience.as_ref(), &everyone)
        .map_err(|message| ApiError::invalid("audience", message))?
        .unwrap_or_else(|| state.issuer.audience().to_vec());

    let UserWithRoles { user, roles } = authenticate(&state, &body.username, &body.password).await?;
    let new_hash =
        match state.hasher.is_outdated(&user.password_hash).then(|| Password::given(&body.password)) {
            Some(Some(password)) => Some(state.hasher.hash(password).await?),
            _ => None,
        };
    let now_ms = state.clock.now_ms();
    let session = new_session(&state, &request, &user.id, &audience, now_ms)?;
    let reading = SessionReading { session, user, roles };
    let reading = state.store.transaction(move |c| start(c, reading, new_hash.as_deref())).await?;
    Ok(respond(&state, body.mode, issue(&state, &Grant::full(&reading), now_ms)?))
}

/// The active user of this name and password. Every refusal is the same and takes the same time, whether the user is
/// unknown, the password wrong, or the account switched off. No database connection is held while hashing.
async fn authenticate(state: &AppState, username: &str, password: &str) -> Result<UserWithRoles, ApiError> {
    let key = Username::parse(username).map(|name| name.key()).unwrap_or_default();
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(users::find_by_name(c, &key)?)).await?;
    let hash = found.as_ref().map(|found| found.user.password_hash.clone());
    let right = state.hasher.verify(Password::given(password), hash).await?;
    found.filter(|found| right && found.user.is_active).ok_or(ApiError::InvalidCredentials)
}

fn start(
    connection: &mut shared_service::database::DbConnection,
    reading: SessionReading,
    new_hash: Option<&str>,
) -> Result<SessionReading, ApiError> {
    let SessionReading { session, user, .. } = &reading;
    if !sessions::start(connection, session, user.version)? {
        return Err(ApiError::InvalidCredentials);
    }
    if let Some(hash) = new_hash {
        users::upgrade_hash(connection, &user.id, user.version, hash)?;
    }
    Ok(reading)
}

fn new_session(
    state: &AppState,
    request: &HttpRequest,
    user_id: &str,
    audience: &[String],
    now_ms: i64,
) -> Result<Session, ApiError> {
    let mut nonce = vec![0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(anyhow::Error::from)?;
    let now = now_ms / 1000;
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    Ok(Session {
        id: state.ids.next(now_ms).to_string(),
        user_id: user_id.into(),
        nonce,
        generation: 0,
        advanced_at: None,
        audience: audience.join(" "),
        created_at: now,
        last_used_at: now,
        expires_at: now.saturating_add(state.session_rules.ttl),
        ended_at: None,
        user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect()),
        ip: request.peer_addr().map(|peer| peer.ip().to_string()),
    })
}
