//! `POST /auth/login`: exchanges a password for tokens, and starts a session.

use actix_web::{HttpRequest, HttpResponse, http::header::USER_AGENT, web::Data};
use serde::Deserialize;
use shared_claims::Audience;
use shared_service::json::Json;
use zeroize::Zeroizing;

use super::{
    Password, QueueFull, Username, cookie,
    tokens::{Mode, issue, respond},
};
use crate::{
    app::AppState,
    error::ApiError,
    sessions::{self, Session, SessionReading},
    store::users::{self, UserWithRoles},
    tokens::Narrowing,
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
    let audience = Narrowing::to_audience(body.audience.as_ref())
        .audience_of(state.issuer.audience())
        .map_err(|excess| ApiError::invalid("audience", excess.advice()))?;

    let UserWithRoles { user, roles } = authenticate(&state, &body.username, &body.password).await?;
    let new_hash = upgraded_hash(&state, &user.password_hash, &body.password).await?;
    let now_ms = state.clock.now_ms();
    let session = new_session(&state, &request, &user.id, &audience, now_ms).await?;
    let reading = SessionReading { session, user, roles };
    let reading = state.store.transaction(move |c| start(c, reading, new_hash.as_deref())).await?;
    let grant = state.issuer.grant(&reading, &Narrowing::default());
    let grant = grant.map_err(|_| ApiError::Internal(anyhow::anyhow!("a new session has no audience")))?;
    Ok(respond(&state, body.mode, issue(&state, &grant, now_ms)?))
}

/// The active user of this name and password. Every refusal is the same and takes the same time, whether the user is
/// unknown, the password wrong, or the account switched off. No database connection is held while hashing.
async fn authenticate(state: &AppState, username: &str, password: &str) -> Result<UserWithRoles, ApiError> {
    let key = Username::parse(username).map(|name| name.key()).unwrap_or_default();
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(users::find_by_name(c, &key)?)).await?;
    let hash = found.as_ref().map(|found| found.user.password_hash.clone());
    let may_log_in = found.as_ref().is_some_and(|found| found.user.is_active);
    let verified = state.hasher.verify(Password::given(password), hash, may_log_in).await?;
    found.filter(|_| verified).ok_or(ApiError::InvalidCredentials)
}

/// A hash of the current cost, if the present one is of another. With a full queue it can wait until the next login.
async fn upgraded_hash(state: &AppState, present: &str, password: &str) -> Result<Option<String>, ApiError> {
    if !state.hasher.is_outdated(present) {
        return Ok(None);
    }
    let Some(password) = Password::given(password) else { return Ok(None) };
    match state.hasher.hash(password).await {
        Ok(hash) => Ok(Some(hash?)),
        Err(QueueFull) => Ok(None),
    }
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

async fn new_session(
    state: &AppState,
    request: &HttpRequest,
    user_id: &str,
    audience: &[String],
    now_ms: i64,
) -> Result<Session, ApiError> {
    let mut nonce = vec![0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(anyhow::Error::from)?;
    let now = now_ms / 1000;
    let status = state.status_indices.next(&state.store).await?;
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
        status_list: status.list,
        status_idx: status.idx,
    })
}
