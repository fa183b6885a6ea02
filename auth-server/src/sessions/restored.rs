//! After the database was restored from an older copy, what it says of sessions and revocations is out of date.

use diesel::QueryResult;
use shared_service::database::DbConnection;

use crate::{
    audit::{Event, Recorder},
    store::{clients, guards, sessions, statuses, users},
};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterRestoring {
    /// How many sessions lived in the copy.
    pub ended: usize,
    /// The first status list of the new range.
    pub first_list: i64,
}

/// Ends every session, because nobody knows which had ended since the copy was made, and begins a new range of status
/// lists, because places in the present one may have been given out since. Every access token from before is revoked
/// by that; services get new ones with their secrets. Call it in a transaction.
///
/// Servers may be running: a login that read its user before this gets no session, since the user has a new version by
/// then, and one that read him afterwards sees the new range.
pub fn after_restoring(
    connection: &mut DbConnection,
    now: i64,
    recorder: &Recorder,
) -> QueryResult<AfterRestoring> {
    users::touch_all(connection)?;
    // All of them before the counter, as whoever changes one does.
    guards::hold_client_names(connection)?;
    clients::hold_all(connection)?;
    let first_list = statuses::begin_range(connection, now)?;
    clients::place_all_anew(connection)?;
    let ended = sessions::end_everybodys(connection, now)?;
    recorder.write(connection, Event::DatabaseRestored, None, Some(&format!("{ended} sessions ended")))?;
    Ok(AfterRestoring { ended, first_list })
}
