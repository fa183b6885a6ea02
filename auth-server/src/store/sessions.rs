//! Sessions: one row per login, however often it is refreshed.

use diesel::prelude::*;
use shared_service::database::DbConnection;

use super::{
    schema::{sessions, user_roles, users},
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
    /// The user's version it was read with: roles, password and `is_active` are still those of the reading.
    pub user_version: i64,
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

/// Ends a session. False when it had ended before.
pub fn end(connection: &mut DbConnection, id: &str, now: i64) -> QueryResult<bool> {
    let row = sessions::table.filter(sessions::id.eq(id)).filter(sessions::ended_at.is_null());
    diesel::update(row).set(sessions::ended_at.eq(now)).execute(connection).map(|rows| rows == 1)
}

/// Ends every session of a user and tells how many.
pub fn end_all(connection: &mut DbConnection, user_id: &str, now: i64) -> QueryResult<usize> {
    let rows = sessions::table.filter(sessions::user_id.eq(user_id)).filter(sessions::ended_at.is_null());
    diesel::update(rows).set(sessions::ended_at.eq(now)).execute(connection)
}
