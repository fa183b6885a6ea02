//! The audit trail: rows are added, and deleted when their time is over. Nothing changes one.

use diesel::prelude::*;
use shared_service::{database::DbConnection, page::Page};

use super::schema::audit_events;

/// A row of `audit_events`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events)]
pub struct AuditEvent {
    pub id: String,
    pub occurred_at: i64,
    pub event: String,
    pub actor_type: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub subject_id: Option<String>,
    pub subject_name: Option<String>,
    pub detail: Option<String>,
    pub ip: Option<String>,
    pub request_id: Option<String>,
}

/// Adds an event.
pub fn insert(connection: &mut DbConnection, event: &AuditEvent) -> QueryResult<()> {
    diesel::insert_into(audit_events::table).values(event).execute(connection).map(drop)
}

/// Which events are looked for; `None` = any.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// By its name.
    pub event: Option<String>,
    /// By the id of who did it.
    pub actor_id: Option<String>,
    /// By the id of whom it happened to.
    pub subject_id: Option<String>,
}

/// One page of events, newest first. Each filter has an index that also tells the order.
pub fn page(connection: &mut DbConnection, page: &Page, wanted: &Wanted) -> QueryResult<Vec<AuditEvent>> {
    let mut query = audit_events::table
        .order(audit_events::id.desc())
        .limit(page.rows())
        .select(AuditEvent::as_select())
        .into_boxed();
    if let Some(last) = page.after {
        query = query.filter(audit_events::id.lt(last.to_string()));
    }
    if let Some(event) = &wanted.event {
        query = query.filter(audit_events::event.eq(event));
    }
    if let Some(actor) = &wanted.actor_id {
        query = query.filter(audit_events::actor_id.eq(actor));
    }
    if let Some(subject) = &wanted.subject_id {
        query = query.filter(audit_events::subject_id.eq(subject));
    }
    query.load(connection)
}

/// Deletes at most `lot` events from before a time, in Unix seconds. How many were found; fewer than `lot` means that no
/// more are there.
pub fn purge(connection: &mut DbConnection, before: i64, lot: i64) -> QueryResult<usize> {
    let ids: Vec<String> = audit_events::table
        .filter(audit_events::occurred_at.lt(before))
        .order(audit_events::occurred_at)
        .select(audit_events::id)
        .limit(lot)
        .load(connection)?;
    diesel::delete(audit_events::table.filter(audit_events::id.eq_any(&ids))).execute(connection)?;
    Ok(ids.len())
}
