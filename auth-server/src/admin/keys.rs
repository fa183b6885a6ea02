//! `GET /admin/keys`, `POST /admin/keys/rotate`: what signs now and what will; to let the next take over early. Nothing
//! private is told.

use actix_web::{
    HttpResponse, rt,
    web::{self, Data},
};
use serde::Serialize;
use shared_service::{UtcTime, request::RequestOrigin};
use utoipa::ToSchema;

use crate::{
    access::CurrentAdmin,
    app::AppState,
    audit::{Actor, Recorder},
    error::ApiError,
    key_audit::KeyEvent,
    tokens::{KeyState, Kind, ListedKey, Successor},
};

/// A signing key.
#[derive(Serialize, ToSchema)]
#[schema(as = SigningKey)]
struct KeyView {
    /// Its name in tokens and in the key set.
    kid: String,
    state: KeyState,
    /// From when on it signs. Null: with the next rotation by hand.
    #[schema(required)]
    activates_at: Option<UtcTime>,
}

/// A refresh secret. It is in no key set.
#[derive(Serialize, ToSchema)]
#[schema(as = RefreshSecret)]
struct SecretView {
    id: String,
    state: KeyState,
    /// From when on it is used. Null: with the next rotation by hand.
    #[schema(required)]
    activates_at: Option<UtcTime>,
}

/// What signs, and what makes refresh tokens; each kind oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyList)]
struct KeysView {
    items: Vec<KeyView>,
    refresh_secrets: Vec<SecretView>,
}

/// Lists the keys
///
/// Nothing private is told.
#[utoipa::path(
    get, path = "/admin/keys", tag = "admin-keys", operation_id = "listKeys",
    responses((status = 200, description = "Every key that is of use.", body = KeysView)),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn list_keys(_: CurrentAdmin, state: Data<AppState>) -> HttpResponse {
    let listed = state.keys.ring().list(state.clock.now_secs());
    let (keys, secrets): (Vec<ListedKey>, Vec<ListedKey>) =
        listed.into_iter().partition(|key| key.kind == Kind::SigningKey);
    let at = |key: &ListedKey| key.activates_at.map(UtcTime::from_secs);
    HttpResponse::Ok().json(KeysView {
        items: keys
            .into_iter()
            .map(|key| KeyView { activates_at: at(&key), kid: key.id, state: key.state })
            .collect(),
        refresh_secrets: secrets
            .into_iter()
            .map(|key| SecretView { activates_at: at(&key), id: key.id, state: key.state })
            .collect(),
    })
}

/// What will happen.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyRotation)]
struct RotationView {
    /// The key that takes over.
    kid: String,
    /// From then on it signs. Services know it by then.
    activates_at: UtcTime,
    /// Whether this had been planned already, so that nothing was changed.
    was_planned: bool,
    /// The refresh secret that takes over, if one does.
    #[schema(required)]
    refresh_secret: Option<SecretRotationView>,
}

/// The same of a refresh secret.
#[derive(Serialize, ToSchema)]
#[schema(as = RefreshSecretRotation)]
struct SecretRotationView {
    id: String,
    activates_at: UtcTime,
    was_planned: bool,
}

impl RotationView {
    fn new(successors: Vec<Successor>) -> Option<Self> {
        let (keys, secrets): (Vec<Successor>, Vec<Successor>) =
            successors.into_iter().partition(|it| it.kind == Kind::SigningKey);
        let key = keys.into_iter().next()?;
        Some(Self {
            activates_at: UtcTime::from_secs(key.activates_at),
            was_planned: !key.was_later,
            kid: key.id,
            refresh_secret: secrets.into_iter().next().map(|secret| SecretRotationView {
                activates_at: UtcTime::from_secs(secret.activates_at),
                was_planned: !secret.was_later,
                id: secret.id,
            }),
        })
    }
}

/// Rotates the keys
///
/// The next key takes over as soon as services know it. To ask twice changes nothing.
#[utoipa::path(
    post, path = "/admin/keys/rotate", tag = "admin-keys", operation_id = "rotateKeys",
    responses(
        (status = 200, description = "What will happen.", body = RotationView),
        (status = 409, description = "`keys_managed_outside`: keys come from elsewhere and are changed there."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn rotate_keys(
    CurrentAdmin(admin): CurrentAdmin,
    origin: RequestOrigin,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    if !state.keys.are_managed_here() {
        return Err(ApiError::KeysManagedOutside);
    }
    let recorder = state.recorder(Actor::User((&admin).into()), origin);
    // It goes on when the client goes away: no rotation remains that was not recorded.
    let rotated = rt::spawn(rotate(state, recorder)).await;
    let successors = rotated.map_err(|stopped| ApiError::Unavailable(stopped.to_string()))??;
    let view = RotationView::new(successors);
    let view = view.ok_or_else(|| ApiError::Internal(anyhow::anyhow!("there is no next signing key")))?;
    Ok(HttpResponse::Ok().json(view))
}

async fn rotate(state: Data<AppState>, recorder: Recorder) -> Result<Vec<Successor>, ApiError> {
    let keys = state.keys.clone();
    let rotated = web::block(move || keys.rotate()).await;
    let successors = rotated.map_err(|stopped| ApiError::Unavailable(stopped.to_string()))??;
    KeyEvent::note_all(KeyEvent::of_rotation(&successors), &state, recorder).await;
    Ok(successors)
}
