//! After the database was restored from an older copy, what it says of sessions and revocations is out of date.

use diesel::QueryResult;
use shared_service::database::DbConnection;

use crate::store::{sessions, statuses, users};

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
/// by that. Call it in a transaction.
///
/// Servers may be running: a login that read its user before this gets no session, since the user has a new version by
/// then, and one that read him afterwards sees the new range.
pub fn after_restoring(connection: &mut DbConnection, now: i64) -> QueryResult<AfterRestoring> {
    users::touch_all(connection)?;
    let first_list = statuses::begin_range(connection, now)?;
    Ok(AfterRestoring { ended: sessions::end_everybodys(connection, now)?, first_list })
}
