//! Passwords tried in vain, and the networks that names log in from. Keys are hashes; times are Unix milliseconds.

use diesel::{prelude::*, result::Error};
use shared_service::database::{DbConnection, is_deadlock, is_unique_violation, transaction};

use super::schema::{known_networks, login_attempts};

/// How often a password was tried in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = login_attempts)]
pub struct Failures {
    /// How often, without a success in between. An attempt whose outcome is not known yet counts.
    #[diesel(column_name = failures)]
    pub count: i64,
    /// When the last one was made.
    pub last_at: i64,
    /// When all are forgotten.
    pub expires_at: i64,
}

/// One more attempt under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The key.
    pub key: String,
    /// What was read.
    pub before: Option<Failures>,
    /// What it becomes.
    pub after: Failures,
}

/// What is remembered under two keys, in one statement.
pub fn find(connection: &mut DbConnection, keys: [&str; 2]) -> QueryResult<[Option<Failures>; 2]> {
    let rows: Vec<(String, Failures)> = login_attempts::table
        .filter(login_attempts::key_hash.eq_any(keys))
        .select((login_attempts::key_hash, Failures::as_select()))
        .load(connection)?;
    Ok(keys.map(|key| rows.iter().find(|(found, _)| found == key).map(|(_, failures)| *failures)))
}

/// Takes every step or none: each is a compare-and-swap with what was read. False when another was quicker; then read
/// again. On a connection that is in no transaction.
pub fn advance<'a>(
    connection: &mut DbConnection,
    steps: impl IntoIterator<Item = &'a Step>,
) -> QueryResult<bool> {
    let outcome = transaction(connection, |c| {
        steps.into_iter().try_for_each(|Step { key, before, after }| match before {
            None => insert(c, key, *after),
            Some(before) if swap(c, key, *before, *after)? => Ok(()),
            Some(_) => Err(Error::RollbackTransaction),
        })
    });
    match outcome {
        Ok(()) => Ok(true),
        // An engine may also break off one of those who are at it together, in place of letting it lose.
        Err(Error::RollbackTransaction) => Ok(false),
        Err(error) if is_deadlock(&error) || is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes a step back: the attempt does not count. What others have counted since stays.
pub fn take_back(connection: &mut DbConnection, step: &Step) -> QueryResult<()> {
    let Step { key, before, after } = step;
    let restored = match before {
        Some(before) => swap(connection, key, *after, *before)?,
        None => diesel::delete(row_as(key, *after)).execute(connection)? == 1,
    };
    if restored {
        return Ok(());
    }
    let row = login_attempts::table.filter(login_attempts::key_hash.eq(key));
    diesel::update(row.filter(login_attempts::failures.gt(0)))
        .set(login_attempts::failures.eq(login_attempts::failures - 1))
        .execute(connection)?;
    diesel::delete(row.filter(login_attempts::failures.eq(0))).execute(connection).map(drop)
}

/// Replaces a row that is as it was read. False when it is not.
pub fn swap(connection: &mut DbConnection, key: &str, from: Failures, to: Failures) -> QueryResult<bool> {
    diesel::update(row_as(key, from))
        .set((
            login_attempts::failures.eq(to.count),
            login_attempts::last_at.eq(to.last_at),
            login_attempts::expires_at.eq(to.expires_at),
        ))
        .execute(connection)
        .map(|rows| rows == 1)
}

/// The row, if it is as it was read.
#[diesel::dsl::auto_type(no_type_alias)]
fn row_as<'a>(key: &'a str, read: Failures) -> _ {
    let (count, last_at): (i64, i64) = (read.count, read.last_at);
    login_attempts::table
        .filter(login_attempts::key_hash.eq(key))
        .filter(login_attempts::failures.eq(count))
        .filter(login_attempts::last_at.eq(last_at))
}

/// Forgets what was tried under a key.
pub fn forget(connection: &mut DbConnection, key: &str) -> QueryResult<()> {
    diesel::delete(login_attempts::table.filter(login_attempts::key_hash.eq(key)))
        .execute(connection)
        .map(drop)
}

fn insert(connection: &mut DbConnection, key: &str, failures: Failures) -> QueryResult<()> {
    diesel::insert_into(login_attempts::table)
        .values((
            login_attempts::key_hash.eq(key),
            login_attempts::failures.eq(failures.count),
            login_attempts::last_at.eq(failures.last_at),
            login_attempts::expires_at.eq(failures.expires_at),
        ))
        .execute(connection)
        .map(drop)
}

/// Until when a network counts as known, if it does.
pub fn known_until(connection: &mut DbConnection, key: &str) -> QueryResult<Option<i64>> {
    let row = known_networks::table.find(key).select(known_networks::expires_at);
    row.get_result(connection).optional()
}

/// Lets a network count as known until then. On a connection that is in no transaction.
pub fn remember_network(connection: &mut DbConnection, key: &str, until: i64) -> QueryResult<()> {
    let row = known_networks::table.filter(known_networks::key_hash.eq(key));
    if diesel::update(row).set(known_networks::expires_at.eq(until)).execute(connection)? == 1 {
        return Ok(());
    }
    let insert = diesel::insert_into(known_networks::table)
        .values((known_networks::key_hash.eq(key), known_networks::expires_at.eq(until)));
    match insert.execute(connection) {
        // Another login from there was quicker by a moment, and that will do.
        Err(error) if is_unique_violation(&error) => Ok(()),
        outcome => outcome.map(drop),
    }
}

/// Forgets at most `lot` keys whose time is over. How many were found; fewer than `lot` means that no more are there.
pub fn purge_attempts(connection: &mut DbConnection, now: i64, lot: i64) -> QueryResult<usize> {
    let expired = || login_attempts::table.filter(login_attempts::expires_at.le(now));
    let keys: Vec<String> = expired()
        .order(login_attempts::expires_at)
        .select(login_attempts::key_hash)
        .limit(lot)
        .load(connection)?;
    // One that was tried again meanwhile stays.
    diesel::delete(expired().filter(login_attempts::key_hash.eq_any(&keys))).execute(connection)?;
    Ok(keys.len())
}

/// The same for known networks.
pub fn purge_networks(connection: &mut DbConnection, now: i64, lot: i64) -> QueryResult<usize> {
    let expired = || known_networks::table.filter(known_networks::expires_at.le(now));
    let keys: Vec<String> = expired()
        .order(known_networks::expires_at)
        .select(known_networks::key_hash)
        .limit(lot)
        .load(connection)?;
    diesel::delete(expired().filter(known_networks::key_hash.eq_any(&keys))).execute(connection)?;
    Ok(keys.len())
}
