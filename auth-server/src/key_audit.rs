//! What happens to keys, for the audit trail. Keys change in their folder and not in the database, so an event follows
//! its change; no change waits for the database, least of all that of a key that has leaked. A server's log tells it in
//! any case.

use actix_web::web::Data;
use shared_service::{UtcTime, database::DbConnection, request::RequestOrigin};

use crate::{
    app::AppState,
    audit::{Actor, Event, Named, Recorder},
    tokens::{Kind, Revoked, ScheduledChange, ScheduledStep, Successor},
};

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyEvent {
    event: Event,
    id: String,
    detail: String,
}

impl KeyEvent {
    fn new(event: Event, kind: Kind, id: &str, more: &str) -> Self {
        Self { event, id: id.to_owned(), detail: format!("{kind}{more}") }
    }

    /// Of a rotation by hand. What was planned already is not done again.
    pub(crate) fn of_rotation(successors: &[Successor]) -> Vec<Self> {
        successors.iter().filter(|it| it.was_later).map(Self::of_successor).collect()
    }

    /// Of a revocation.
    pub(crate) fn of_revocation(revoked: &Revoked) -> Vec<Self> {
        let Revoked { kind, id, state, successor } = revoked;
        let gone = Self::new(Event::KeyRevoked, *kind, id, &format!(", which was {state}"));
        [gone].into_iter().chain(successor.as_ref().map(Self::of_successor)).collect()
    }

    fn of_successor(successor: &Successor) -> Self {
        let Successor { kind, id, activates_at, .. } = successor;
        Self::new(Event::KeyRotated, *kind, id, &from(Some(*activates_at)))
    }

    /// Of what the schedule asked for.
    pub(crate) fn of_schedule(changes: &[ScheduledChange]) -> Vec<Self> {
        let tell = |ScheduledChange { kind, id, step }: &ScheduledChange| match step {
            ScheduledStep::Made(at) => Self::new(Event::KeyCreated, *kind, id, &from(*at)),
            ScheduledStep::Moved(at) => Self::new(Event::KeyRotated, *kind, id, &from(*at)),
            ScheduledStep::Deleted => Self::new(Event::KeyDeleted, *kind, id, ""),
        };
        changes.iter().map(tell).collect()
    }

    /// Whether both tell the same of one key.
    pub(crate) fn is_about_the_same_as(&self, other: &Self) -> bool {
        (self.event, &self.id) == (other.event, &other.id)
    }

    /// Adds it to the trail.
    pub(crate) fn write(
        &self,
        connection: &mut DbConnection,
        recorder: &Recorder,
    ) -> diesel::QueryResult<()> {
        let subject = Named::id(&self.id);
        recorder.write(connection, self.event, Some(&subject), Some(&self.detail))
    }

    /// Adds them to the trail, if the database can be reached.
    pub(crate) async fn note_all(events: Vec<Self>, state: &AppState, recorder: Recorder) {
        for Self { event, id, detail } in events {
            recorder.clone().note(&state.store, event, Some(Named::id(id)), Some(detail)).await;
        }
    }
}

fn from(activates_at: Option<i64>) -> String {
    match activates_at {
        Some(at) => format!(", in use from {}", UtcTime::from_secs(at)),
        None => ", in use from the next rotation by hand".into(),
    }
}

/// Writes down what this instance does to keys by itself, for as long as the server runs.
pub(crate) async fn record_scheduled(state: Data<AppState>) {
    loop {
        let changes = state.keys.scheduled().await;
        let recorder = state.recorder(Actor::Server, RequestOrigin::default());
        KeyEvent::note_all(KeyEvent::of_schedule(&changes), &state, recorder).await;
    }
}
