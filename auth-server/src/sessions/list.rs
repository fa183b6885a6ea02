//! `GET /auth/sessions`: where the user is logged in.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use serde::Serialize;
use shared_service::{UtcTime, page::Page};

use super::Session;
use crate::{access::CurrentUser, app::AppState, error::ApiError, store::sessions};

/// A session as its user and administrators see it.
#[derive(Serialize)]
pub(crate) struct SessionView {
    id: String,
    created_at: UtcTime,
    last_used_at: UtcTime,
    user_agent: Option<String>,
    ip: Option<String>,
    /// Whether the request was made in this session; told to its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<bool>,
}

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

/// `GET /auth/sessions`: those that live, newest first.
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
