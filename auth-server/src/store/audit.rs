//! The audit trail: rows are added, and deleted when their time is over. Nothing changes one.

use diesel::prelude::*;
use shared_service::{
    database::{DbConnection, seeks_for_each_row},
    page::{Found, Page},
};

use super::schema::audit_events;

type Backend = <DbConnection as Connection>::Backend;

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

/// How many events one page looks at for one filter, when there are others to hold them against.
const LOOKED_AT: i64 = 5000;

/// One page of events, newest first. Each filter has an index that also tells the order, by `listed_id`. Of several, one
/// leads, and the page looks at so many of its events at the most: it may be short, or empty, and not the last.
pub fn page(connection: &mut DbConnection, page: &Page, wanted: &Wanted) -> QueryResult<Found<AuditEvent>> {
    let read_down_to = match wanted.leading() {
        Some(leading) => last_looked_at(connection, page, &leading)?,
        None => None,
    };
    let mut query = matching(connection, page, wanted).limit(page.rows()).select(AuditEvent::as_select());
    if let Some(last) = &read_down_to {
        query = query.filter(audit_events::listed_id.ge(last));
    }
    Ok(page.cut(query.load(connection)?, |event| &event.id, read_down_to.clone()))
}

impl Wanted {
    fn is_anything(&self) -> bool {
        self.event.is_none() && self.actor_id.is_none() && self.subject_id.is_none()
    }

    /// Of several filters, the one that leaves the fewest as a rule.
    fn leading(&self) -> Option<Self> {
        let any = Self::default();
        match (&self.subject_id, &self.actor_id, &self.event) {
            (Some(subject), actor, event) if actor.is_some() || event.is_some() => {
                Some(Self { subject_id: Some(subject.clone()), ..any })
            }
            (None, Some(actor), Some(_)) => Some(Self { actor_id: Some(actor.clone()), ..any }),
            _ => None,
        }
    }
}

/// The last event that this page looks at, if there are more.
fn last_looked_at(
    connection: &mut DbConnection,
    page: &Page,
    leading: &Wanted,
) -> QueryResult<Option<String>> {
    let last = matching(connection, page, leading).offset(LOOKED_AT - 1).limit(1).select(audit_events::id);
    last.get_result(connection).optional()
}

/// All that this page may give of the events that are looked for, newest first.
fn matching<'a>(
    connection: &DbConnection,
    page: &Page,
    wanted: &'a Wanted,
) -> audit_events::BoxedQuery<'a, Backend> {
    let query = audit_events::table.into_boxed();
    if wanted.is_anything() {
        return query.filter(audit_events::id.lt(page.before())).order(audit_events::id.desc());
    }
    let newest = audit_events::listed_id.desc();
    let mut query = query.filter(audit_events::listed_id.lt(page.before())).order(newest);
    let [mut event, mut actor, mut subject] =
        [&wanted.event, &wanted.actor_id, &wanted.subject_id].map(Option::as_deref);
    if !seeks_for_each_row(connection) {
        // With one value MySQL and MariaDB find it in its index and then read all that is newer than the cursor. With two,
        // of which nothing has the second, they begin at the cursor.
        if let Some(subject) = subject.take() {
            let either = audit_events::subject_id.eq_any([subject, ""]);
            query = query.filter(either).order((audit_events::subject_id.desc(), newest));
        } else if let Some(actor) = actor.take() {
            let either = audit_events::actor_id.eq_any([actor, ""]);
            query = query.filter(either).order((audit_events::actor_id.desc(), newest));
        } else if let Some(event) = event.take() {
            let either = audit_events::event.eq_any([event, ""]);
            query = query.filter(either).order((audit_events::event.desc(), newest));
        }
    }
    if let Some(event) = event {
        query = query.filter(audit_events::event.eq(event));
    }
    if let Some(actor) = actor {
        query = query.filter(audit_events::actor_id.eq(actor));
    }
    if let Some(subject) = subject {
        query = query.filter(audit_events::subject_id.eq(subject));
    }
    query
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
