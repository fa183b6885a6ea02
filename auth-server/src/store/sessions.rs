//! Sessions: one row per login, however often it is refreshed.

use diesel::prelude::*;
use shared_service::{database::DbConnection, page::Page};

use super::{
    schema::{sessions, user_roles, users},
    statuses::{self, Revocation, StatusIndex},
    users::{User, UserWithRoles},
};

/// A row of `sessions`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: String,
    pub user_id: String,
    pub nonce: Vec<u8>,
    pub generation: i64,
    pub advanced_at: Option<i64>,
    pub audience: String,
    pub created_at: i64,
    pub last_used_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
    pub status_list: i64,
    pub status_idx: i64,
}

impl Session {
    /// Where the status of this session's tokens is published.
    pub fn status(&self) -> StatusIndex {
        StatusIndex { list: self.status_list, idx: self.status_idx }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({} of {}, generation {})", self.id, self.user_id, self.generation)
    }
}

/// A session with its user and his roles, from one reading: whatever enters a token comes from one of these.
#[derive(Debug, Clone)]
pub struct SessionReading {
    /// The row.
    pub session: Session,
    /// Whose it is.
    pub user: User,
    /// His roles, in alphabetical order.
    pub roles: Vec<String>,
}

/// One advance of a refresh chain.
#[derive(Debug, Clone, Copy)]
pub struct Advance<'a> {
    /// The session.
    pub id: &'a str,
    /// The generation it was read at.
    pub from: i64,
    /// The generation it gets.
    pub to: i64,
    /// Now, in Unix milliseconds.
    pub now_ms: i64,
    /// The status it was read with.
    pub status: StatusIndex,
    /// The user's version it was read with: roles, password and `is_active` are still those of the reading.
    pub user_version: i64,
}

/// Which sessions live: those not ended whose cap lies ahead and which were used lately.
#[derive(Debug, Clone, Copy)]
pub struct LivingAt {
    /// Now, in Unix seconds.
    pub now: i64,
    /// A session not used since is idle. Unix seconds.
    pub used_after: i64,
}

/// Adds a session.
pub fn insert(connection: &mut DbConnection, session: &Session) -> QueryResult<()> {
    diesel::insert_into(sessions::table).values(session).execute(connection).map(drop)
}

/// The session of this id, ended or not.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<Option<SessionReading>> {
    let rows: Vec<(Session, User, Option<String>)> = sessions::table
        .inner_join(users::table.left_join(user_roles::table))
        .filter(sessions::id.eq(id))
        .select((Session::as_select(), User::as_select(), user_roles::role.nullable()))
        .load(connection)?;
    let session = rows.first().map(|(session, ..)| session.clone());
    let users = UserWithRoles::gather(rows.into_iter().map(|(_, user, role)| (user, role)).collect());
    Ok(session.zip(users.into_iter().next()).map(|(session, UserWithRoles { user, roles })| SessionReading {
        session,
        user,
        roles,
    }))
}

/// One page of a user's sessions that live, newest first.
pub fn living_page(
    connection: &mut DbConnection,
    user_id: &str,
    at: LivingAt,
    page: &Page,
) -> QueryResult<Vec<Session>> {
    let mut query = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(at.now))
        .filter(sessions::last_used_at.gt(at.used_after))
        .order(sessions::id.desc())
        .limit(page.rows())
        .select(Session::as_select())
        .into_boxed();
    if let Some(last) = page.after {
        query = query.filter(sessions::id.lt(last.to_string()));
    }
    query.load(connection)
}

/// Advances the chain by compare-and-swap: done iff the session still lives, at the generation and with the user that
/// were read. Of any number of parallel refreshes, on any number of servers, one gets true.
pub fn advance(connection: &mut DbConnection, advance: &Advance<'_>) -> QueryResult<bool> {
    let same_user = users::table
        .filter(users::id.eq(sessions::user_id))
        .filter(users::version.eq(advance.user_version))
        .select(users::id);
    let row = sessions::table
        .filter(sessions::id.eq(advance.id))
        .filter(sessions::generation.eq(advance.from))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::status_list.eq(advance.status.list))
        .filter(sessions::status_idx.eq(advance.status.idx))
        .filter(diesel::dsl::exists(same_user));
    diesel::update(row)
        .set((
            sessions::generation.eq(advance.to),
            sessions::advanced_at.eq(advance.now_ms),
            sessions::last_used_at.eq(advance.now_ms / 1000),
        ))
        .execute(connection)
        .map(|rows| rows == 1)
}

/// Ends a session and revokes its tokens. False when it had ended before. Call it in a transaction.
pub fn end(connection: &mut DbConnection, id: &str, revocation: Revocation) -> QueryResult<bool> {
    let row = sessions::table.filter(sessions::id.eq(id)).filter(sessions::ended_at.is_null());
    // Written before it is read: from here on the row is ours, and the place it names cannot change any more.
    let ended = diesel::update(row).set(sessions::ended_at.eq(revocation.now)).execute(connection)?;
    if ended == 0 {
        return Ok(false);
    }
    let status = status_of(connection, id)?;
    statuses::block(connection, status, revocation)?;
    Ok(true)
}

/// Ends every session of a user, but for one, and tells how many. Call it in a transaction that has written the user's
/// row before it read anything: then no session can start meanwhile.
pub fn end_all(
    connection: &mut DbConnection,
    user_id: &str,
    but_for: Option<&str>,
    revocation: Revocation,
) -> QueryResult<usize> {
    let others = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(but_for.unwrap_or_default()));
    let ended = diesel::update(others).set(sessions::ended_at.eq(revocation.now)).execute(connection)?;
    statuses::block_ended(connection, user_id, revocation)?;
    Ok(ended)
}

/// Gives every session of a user a new place in a list and revokes the old one: tokens with outdated claims are no
/// longer good, and the next refresh brings new ones. Call it as [`end_all`].
pub fn renew_statuses(
    connection: &mut DbConnection,
    user_id: &str,
    revocation: Revocation,
) -> QueryResult<()> {
    let living: Vec<(String, i64, i64)> = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::ended_at.is_null())
        .select((sessions::id, sessions::status_list, sessions::status_idx))
        .load(connection)?;
    if living.is_empty() {
        return Ok(());
    }
    let reserved = statuses::reserve(connection, i64::try_from(living.len()).unwrap_or(i64::MAX))?;
    for ((id, list, idx), new) in living.into_iter().zip(reserved) {
        // It may have ended since it was read, and then its place is revoked already.
        let row = sessions::table
            .filter(sessions::id.eq(id))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::status_list.eq(list))
            .filter(sessions::status_idx.eq(idx));
        let place = (sessions::status_list.eq(new.list), sessions::status_idx.eq(new.idx));
        if diesel::update(row).set(place).execute(connection)? == 1 {
            statuses::block(connection, StatusIndex { list, idx }, revocation)?;
        }
    }
    Ok(())
}

/// Ends every session of everybody, and tells how many lived. Nothing is revoked: that is for who throws away all lists.
pub fn end_everybodys(connection: &mut DbConnection, now: i64) -> QueryResult<usize> {
    let rows = sessions::table.filter(sessions::ended_at.is_null());
    diesel::update(rows).set(sessions::ended_at.eq(now)).execute(connection)
}

/// Sessions that nobody needs any more: they had ended at or before these times, in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub struct Outlived {
    /// By a logout and the like, or at their cap.
    pub ended: i64,
    /// When they were last used, if that is what they ended by.
    pub last_used: i64,
}

/// Deletes at most `lot` sessions for each of the three reasons. How many were found; fewer than `lot` means that no more
/// are there.
///
/// One reason after the other, along its index: asked for all at once, an engine may read the whole table to find none.
pub fn purge(connection: &mut DbConnection, outlived: Outlived, lot: i64) -> QueryResult<usize> {
    let ended = sessions::table
        .filter(sessions::ended_at.le(outlived.ended))
        .order(sessions::ended_at)
        .select(sessions::id)
        .limit(lot);
    let capped = sessions::table
        .filter(sessions::expires_at.le(outlived.ended))
        .order(sessions::expires_at)
        .select(sessions::id)
        .limit(lot);
    let idle = sessions::table
        .filter(sessions::last_used_at.le(outlived.last_used))
        .order(sessions::last_used_at)
        .select(sessions::id)
        .limit(lot);
    let ids = ended.load(connection)?;
    let mut found = delete(connection, &ids)?;
    let ids = capped.load(connection)?;
    found += delete(connection, &ids)?;
    let ids = idle.load(connection)?;
    found += delete(connection, &ids)?;
    Ok(found)
}

/// Deletes these sessions, and tells how many they were, whoever else is at it.
fn delete(connection: &mut DbConnection, ids: &[String]) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::id.eq_any(ids))).execute(connection)?;
    Ok(ids.len())
}

fn status_of(connection: &mut DbConnection, id: &str) -> QueryResult<StatusIndex> {
    let place = sessions::table.filter(sessions::id.eq(id));
    let (list, idx) = place.select((sessions::status_list, sessions::status_idx)).get_result(connection)?;
    Ok(StatusIndex { list, idx })
}
