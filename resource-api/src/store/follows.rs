//! Who follows whom.

use diesel::dsl::exists;
use diesel::prelude::*;
use shared_service::database::{self, DbConnection};
use shared_service::page::Page;

use super::schema::{accounts, follows};

/// How often a statement is tried. Each time it is broken off, another of its kind has come to its end.
const ATTEMPTS: usize = 32;

/// That one user follows another.
#[derive(Debug, Insertable)]
#[diesel(table_name = follows)]
pub struct NewFollow {
    /// UUIDv7 of `created_at`.
    pub id: String,
    /// Who follows.
    pub follower_sub: String,
    /// Who is followed.
    pub followee_sub: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// One entry of a list of followers or followed.
#[derive(Debug, PartialEq, Eq, Queryable)]
pub struct FollowRow {
    /// UUIDv7 of the follow.
    pub id: String,
    /// The listed user's present name; `None` once a younger account has it.
    pub username: Option<String>,
}

/// Stores a follow. One that exists already stays as it is.
pub fn insert(conn: &mut DbConnection, follow: &NewFollow) -> QueryResult<()> {
    match again_if_broken_off(|| diesel::insert_into(follows::table).values(follow).execute(conn)) {
        Err(error) if database::is_unique_violation(&error) => Ok(()),
        inserted => inserted.map(drop),
    }
}

/// Removes a follow, if there is one.
pub fn delete(conn: &mut DbConnection, follower: &str, target: &str) -> QueryResult<()> {
    again_if_broken_off(|| diesel::delete(between(follower, target)).execute(conn)).map(drop)
}

/// Runs a statement that stands alone, a few times if need be: of those that write the same pair at once, MySQL may break
/// off one, which has then done nothing.
fn again_if_broken_off<T>(mut statement: impl FnMut() -> QueryResult<T>) -> QueryResult<T> {
    for _ in 1..ATTEMPTS {
        match statement() {
            Err(error) if database::is_deadlock(&error) => {}
            outcome => return outcome,
        }
    }
    statement()
}

/// Whether one user follows another.
pub fn is_following(conn: &mut DbConnection, follower: &str, target: &str) -> QueryResult<bool> {
    diesel::select(exists(between(follower, target))).get_result(conn)
}

/// Who follows `sub`, the newest first.
pub fn followers(conn: &mut DbConnection, sub: &str, page: &Page) -> QueryResult<Vec<FollowRow>> {
    follows::table
        .inner_join(accounts::table.on(accounts::sub.eq(follows::follower_sub)))
        .filter(follows::followee_sub.eq(sub))
        .filter(follows::listed_id.lt(page.before()))
        .select((follows::id, accounts::username))
        .order(follows::listed_id.desc())
        .limit(page.rows())
        .load(conn)
}

/// Whom `sub` follows, the newest first.
pub fn following(conn: &mut DbConnection, sub: &str, page: &Page) -> QueryResult<Vec<FollowRow>> {
    follows::table
        .inner_join(accounts::table.on(accounts::sub.eq(follows::followee_sub)))
        .filter(follows::follower_sub.eq(sub))
        .filter(follows::listed_id.lt(page.before()))
        .select((follows::id, accounts::username))
        .order(follows::listed_id.desc())
        .limit(page.rows())
        .load(conn)
}

/// How many follow `sub`.
pub fn count_followers(conn: &mut DbConnection, sub: &str) -> QueryResult<i64> {
    follows::table.filter(follows::followee_sub.eq(sub)).count().get_result(conn)
}

/// How many `sub` follows.
pub fn count_following(conn: &mut DbConnection, sub: &str) -> QueryResult<i64> {
    follows::table.filter(follows::follower_sub.eq(sub)).count().get_result(conn)
}

#[diesel::dsl::auto_type]
fn between<'a>(follower: &'a str, target: &'a str) -> _ {
    follows::table.filter(follows::follower_sub.eq(follower)).filter(follows::followee_sub.eq(target))
}
