//! `GET /auth/sessions`: where the user is logged in.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use serde::Serialize;
use shared_service::{
    UtcTime,
    page::{Page, Paged},
};
use utoipa::ToSchema;

use super::Session;
use crate::{access::CurrentUser, app::AppState, error::ApiError, store::sessions};

/// A session as its user and administrators see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    #[schema(format = "uuid")]
    id: String,
    /// When the user logged in.
    created_at: UtcTime,
    /// When it was last refreshed.
    last_used_at: UtcTime,
    /// What the program that logged in calls itself.
    #[schema(required)]
    user_agent: Option<String>,
    /// From where the user logged in.
    #[schema(required, examples("192.0.2.7"))]
    ip: Option<String>,
    /// Whether the request was made in this session. Told to its user, and not to administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    current: Option<bool>,
}

/// A page of sessions.
pub(crate) type SessionPage = Paged<SessionView>;

impl SessionView {
    fn seen_from(current: &str, session: Session) -> Self {
        Self { current: Some(session.id == current), ..session.into() }
    }
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        Self {
            current: None,
            id: session.id,
            created_at: UtcTime::from_secs(session.created_at),
            last_used_at: UtcTime::from_secs(session.last_used_at),
            user_agent: session.user_agent,
            ip: session.ip,
        }
    }
}

/// Lists one's sessions
///
/// Those that live: where the user is logged in, newest first.
#[utoipa::path(
    get, path = "/auth/sessions", tag = "sessions", operation_id = "listSessions",
    params(Page),
    responses((status = 200, description = "A page of sessions.", body = SessionPage)),
    security(("accessToken" = [])),
)]
pub(crate) async fn list(
    current: CurrentUser,
    state: Data<AppState>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let CurrentUser { reading, .. } = current;
    let living = state.session_rules.living_at(state.clock.now_secs());
    let user_id = reading.user.id;
    let rows =
        state.store.run::<_, ApiError, _>(move |c| Ok(sessions::living_page(c, &user_id, living, &page)?));
    let current = reading.session.id;
    let items = page.build(rows.await?, |row| &row.id, |row| SessionView::seen_from(&current, row));
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store"))).json(items))
}
