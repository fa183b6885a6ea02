//! `GET /admin/audit`: who did what, when, from where. There is no way to change or delete an event.

use actix_web::{HttpResponse, web::Data};
use serde::{Deserialize, Serialize};
use shared_service::{
    UtcTime,
    page::{Page, Paged},
    query::Query,
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::CurrentAdmin,
    app::AppState,
    audit::{ActorType, Event},
    error::ApiError,
    store::audit::{self, AuditEvent, Wanted},
};

/// Longer than every id and every name of an event.
const MAX_FILTER: usize = 64;

/// An event as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct EventView {
    #[schema(format = "uuid")]
    pub(crate) id: String,
    pub(crate) at: UtcTime,
    /// What happened.
    #[schema(value_type = Event)]
    pub(crate) event: String,
    pub(crate) actor: ActorView,
    #[schema(required)]
    pub(crate) subject: Option<SubjectView>,
    /// What more there is to know.
    #[schema(required)]
    pub(crate) detail: Option<String>,
    /// From where it was done.
    #[schema(required, examples("192.0.2.7"))]
    pub(crate) ip: Option<String>,
    /// The `X-Request-Id` of the request that did it.
    #[schema(required)]
    pub(crate) request_id: Option<String>,
}

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditActor)]
pub(crate) struct ActorView {
    #[schema(value_type = ActorType)]
    pub(crate) r#type: String,
    #[schema(required)]
    pub(crate) id: Option<String>,
    /// What he was called at the time.
    #[schema(required)]
    pub(crate) name: Option<String>,
}

/// Whom or what it happened to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditSubject)]
pub(crate) struct SubjectView {
    pub(crate) id: String,
    /// What it was called at the time, if it has a name.
    #[schema(required)]
    pub(crate) name: Option<String>,
}

/// A page of the trail.
type AuditEventPage = Paged<EventView>;

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
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filters {
    /// What happened.
    #[param(max_length = 64, example = "login_failed")]
    event: Option<String>,
    /// The id of whoever did it.
    #[param(max_length = 64)]
    actor: Option<String>,
    /// The id of whom or what it happened to.
    #[param(max_length = 64)]
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

/// Reads the audit trail
///
/// Newest first. With more than one filter a page may be short, or empty, and not the last: `next_cursor` tells.
#[utoipa::path(
    get, path = "/admin/audit", tag = "admin-audit", operation_id = "listAuditEvents",
    params(Page, Filters),
    responses((status = 200, description = "A page of the trail.", body = AuditEventPage)),
    security(("accessToken" = ["admin"])),
)]
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
