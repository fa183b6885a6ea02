//! `GET /admin/audit`: who did what, when, from where. There is no way to change or delete an event.

use actix_web::{HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use shared_service::{UtcTime, page::Page, query::Query};

use crate::{
    access::CurrentAdmin,
    app::AppState,
    error::ApiError,
    store::audit::{self, AuditEvent, Wanted},
};

/// Longer than every id and every name of an event.
const MAX_FILTER: usize = 64;

/// An event as administrators see it.
#[derive(Debug, Serialize)]
pub(crate) struct EventView {
    pub(crate) id: String,
    pub(crate) at: UtcTime,
    pub(crate) event: String,
    pub(crate) actor: ActorView,
    pub(crate) subject: Option<SubjectView>,
    pub(crate) detail: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// Who did it.
#[derive(Debug, Serialize)]
pub(crate) struct ActorView {
    pub(crate) r#type: String,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
}

/// Whom or what it happened to.
#[derive(Debug, Serialize)]
pub(crate) struct SubjectView {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
}

impl From<AuditEvent> for EventView {
    fn from(row: AuditEvent) -> Self {
        Self {
            id: row.id,
            at: UtcTime::from_secs(row.occurred_at),
            event: row.event,
            actor: ActorView { r#type: row.actor_type, id: row.actor_id, name: row.actor_name },
            subject: row.subject_id.map(|id| SubjectView { id, name: row.subject_name }),
            detail: row.detail,
            ip: row.ip,
            request_id: row.request_id,
        }
    }
}

/// The query; each of these narrows what is shown.
#[derive(Deserialize)]
pub(crate) struct Filters {
    event: Option<String>,
    actor: Option<String>,
    subject: Option<String>,
}

impl Filters {
    fn parse(self) -> Result<Wanted, ApiError> {
        let check = |field: &str, text: Option<String>| match text.filter(|text| !text.is_empty()) {
            Some(odd) if odd.len() > MAX_FILTER || !odd.chars().all(|c| c.is_ascii_graphic()) => {
                Err(ApiError::invalid(field, "must be as it stands in the trail"))
            }
            text => Ok(text),
        };
        Ok(Wanted {
            event: check("event", self.event)?,
            actor_id: check("actor", self.actor)?,
            subject_id: check("subject", self.subject)?,
        })
    }
}

/// `GET /admin/audit`: newest first. With more than one filter a page may be short, or empty, and not the last.
pub(crate) async fn audit(
    _: CurrentAdmin,
    state: Data<AppState>,
    page: Page,
    Query(filters): Query<Filters>,
) -> Result<HttpResponse, ApiError> {
    let wanted = filters.parse()?;
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(audit::page(c, &page, &wanted)?)).await?;
    Ok(HttpResponse::Ok().json(found.into_page(EventView::from)))
}
