//! `POST /auth/login`: exchanges a password for tokens, and starts a session.

use actix_web::{HttpRequest, HttpResponse, http::header::USER_AGENT, web::Data};
use serde::Deserialize;
use shared_claims::Audience;
use shared_service::{database::DbConnection, json::Json, request::RequestOrigin};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    Password, QueueFull, Username, cookie,
    schemas::OneOrMore,
    tokens::{Mode, issue, respond},
};
use crate::{
    app::AppState,
    audit::{Actor, Event, Named, Recorder},
    error::ApiError,
    limits::{self, Guess},
    sessions::{self, Session, SessionReading, TokenResponse},
    store::users::{self, User, UserWithRoles},
    tokens::Narrowing,
};

const NONCE_BYTES: usize = 16;
const MAX_USER_AGENT: usize = 255;

/// Who logs in, and how the tokens are to travel.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginRequest {
    /// The name, without regard to case.
    #[schema(examples("alice"))]
    username: String,
    #[schema(value_type = String, format = Password, examples("correct horse battery"))]
    password: Zeroizing<String>,
    #[serde(default)]
    mode: Mode,
    /// For which services the tokens of this session are to be. Left out, for all.
    #[schema(value_type = Option<OneOrMore>)]
    audience: Option<Audience>,
}

/// Logs in
///
/// Starts a session. Every refusal is the same and takes the same time, whether the name is unknown, the password wrong
/// or the account switched off. Whoever fails often has to wait.
#[utoipa::path(
    post, path = "/auth/login", tag = "sessions", operation_id = "logIn",
    request_body(content = LoginRequest, example = json!({"username": "alice", "password": "correct horse battery"})),
    responses(
        (status = 200, description = "The tokens of a new session.", body = TokenResponse,
            headers(("Set-Cookie" = Option<String>, description = "With `\"mode\":\"cookie\"`: the refresh token."))),
        (status = 401, description = "`invalid_credentials`."),
        (status = 403, description = "`origin_not_allowed`: cookies are for pages of the allowed origins."),
        (status = 429),
    ),
)]
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

    let origin = RequestOrigin::of(&request);
    let guess = Guess::new(&body.username, origin.address);
    let authenticated = authenticate(state.clone(), origin, body.username, body.password.clone());
    let user = limits::attempt(&state, guess, authenticated).await?;
    let UserWithRoles { user, roles } = user.ok_or(ApiError::InvalidCredentials)?;
    let new_hash = upgraded_hash(&state, &user.password_hash, &body.password).await?;
    let now_ms = state.clock.now_ms();
    let session = new_session(&state, &request, &user.id, &audience, now_ms).await?;
    let recorder = state.recorder(Actor::Anonymous, origin);
    let reading = start(&state, SessionReading { session, user, roles }, new_hash, recorder).await?;
    let grant = state.issuer.grant(&reading, &Narrowing::default());
    let grant = grant.map_err(|_| ApiError::Internal(anyhow::anyhow!("a new session has no audience")))?;
    Ok(respond(&state, body.mode, issue(&state, &grant, now_ms)?))
}

/// The active user of this name and password. Every refusal is the same and takes the same time, whether the user is
/// unknown, the password wrong, or the account switched off. No database connection is held while hashing.
async fn authenticate(
    state: Data<AppState>,
    origin: RequestOrigin,
    username: String,
    password: Zeroizing<String>,
) -> Result<Option<UserWithRoles>, ApiError> {
    let key = Username::parse(&username).map(|name| name.key()).unwrap_or_default();
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(users::find_by_name(c, &key)?)).await?;
    let hash = found.as_ref().map(|found| found.user.password_hash.clone());
    let may_log_in = found.as_ref().is_some_and(|found| found.user.is_active);
    let verified = state.hasher.verify(Password::given(&password), hash, may_log_in).await?;
    if !verified {
        record_refusal(&state, origin, found.as_ref().map(|found| &found.user)).await;
    }
    Ok(found.filter(|_| verified))
}

/// Records a refusal, with the same work whoever it was. Of what was typed in the place of a name nothing is kept, unless
/// it is one: people type passwords there.
async fn record_refusal(state: &AppState, origin: RequestOrigin, user: Option<&User>) {
    let detail = user.filter(|user| !user.is_active).map(|_| "the account is not active".to_owned());
    let recorder = state.recorder(Actor::Anonymous, origin);
    recorder.note(&state.store, Event::LoginFailed, user.map(Into::into), detail).await;
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

/// Starts the session, if its user still is as he was verified.
async fn start(
    state: &AppState,
    reading: SessionReading,
    new_hash: Option<String>,
    recorder: Recorder,
) -> Result<SessionReading, ApiError> {
    let (user, refusal) = (Named::from(&reading.user), recorder.clone());
    let started = move |c: &mut DbConnection| -> Result<SessionReading, ApiError> {
        let SessionReading { session, user, .. } = &reading;
        if !sessions::start(c, session, user.version)? {
            return Err(ApiError::InvalidCredentials);
        }
        if let Some(hash) = new_hash {
            users::upgrade_hash(c, &user.id, user.version, &hash)?;
        }
        let recorder = recorder.by(Actor::User(user.into()));
        recorder.write(c, Event::LoginSucceeded, Some(&user.into()), Some(&session.id))?;
        Ok(reading)
    };
    let started = state.store.transaction(started).await;
    if matches!(started, Err(ApiError::InvalidCredentials)) {
        let detail = Some("the account was changed meanwhile".into());
        refusal.note(&state.store, Event::LoginFailed, Some(user), detail).await;
    }
    started
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
        ip: RequestOrigin::of(request).address.map(|address| address.to_string()),
        status_list: status.list,
        status_idx: status.idx,
    })
}
