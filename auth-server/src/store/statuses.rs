//! Places in status lists: reserving them, and remembering which are revoked.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{prelude::*, sql_types::BigInt};
use shared_service::database::DbConnection;

use super::schema::{blocked_statuses, clients, sessions, status_counter};

/// Places in one list.
pub const LIST_SIZE: i64 = 1 << 17;

const COUNTER: i32 = 1;

/// One place in one status list; never used for a second line of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusIndex {
    /// The list's number.
    pub list: i64,
    /// The place in it, from 0.
    pub idx: i64,
}

impl StatusIndex {
    /// The place of this number, counted through all lists.
    fn numbered(number: i64) -> Self {
        Self { list: number / LIST_SIZE, idx: number % LIST_SIZE }
    }
}

/// When tokens are revoked, and until when that has to be remembered. Unix seconds.
#[derive(Debug, Clone, Copy)]
pub struct Revocation {
    /// Now.
    pub now: i64,
    /// From then on every token that is alive now has expired, whatever clock it is checked by.
    pub until: i64,
}

/// The row that tells which lists there are.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = status_counter)]
pub struct Counter {
    next_index: i64,
    /// The oldest list in use. Those before belong to the time before the database was restored.
    pub first_list: i64,
    /// When that was. Unix seconds.
    pub restored_at: Option<i64>,
}

impl Counter {
    /// The list that the next place is reserved in.
    pub fn current_list(&self) -> i64 {
        self.next_index / LIST_SIZE
    }
}

/// Reads the counter.
pub fn counter(connection: &mut DbConnection) -> QueryResult<Counter> {
    status_counter::table.find(COUNTER).select(Counter::as_select()).get_result(connection)
}

/// Reserves `count` places for good, in the order of their numbers. Call it in a transaction: the places are yours when
/// it commits. The counter is written before it is read, so that no two get the same.
pub fn reserve(
    connection: &mut DbConnection,
    count: i64,
) -> QueryResult<impl Iterator<Item = StatusIndex> + Send + use<>> {
    let row = status_counter::table.filter(status_counter::id.eq(COUNTER));
    diesel::update(row)
        .set(status_counter::next_index.eq(status_counter::next_index + count))
        .execute(connection)?;
    let end: i64 = row.select(status_counter::next_index).get_result(connection)?;
    Ok((end - count..end).map(StatusIndex::numbered))
}

/// Remembers that a place is revoked. Whoever calls it has just changed the one row that named the place, so it comes
/// once.
pub fn block(connection: &mut DbConnection, status: StatusIndex, revocation: Revocation) -> QueryResult<()> {
    diesel::insert_into(blocked_statuses::table)
        .values((
            blocked_statuses::status_list.eq(status.list),
            blocked_statuses::status_idx.eq(status.idx),
            blocked_statuses::expires_at.eq(revocation.until),
        ))
        .execute(connection)
        .map(drop)
}

/// Remembers the places of a user's sessions that ended at this moment; those of sessions that somebody else ended at
/// the same moment are remembered already.
pub fn block_ended(connection: &mut DbConnection, user_id: &str, revocation: Revocation) -> QueryResult<()> {
    let remembered = blocked_statuses::table
        .filter(blocked_statuses::status_list.eq(sessions::status_list))
        .filter(blocked_statuses::status_idx.eq(sessions::status_idx));
    let ended = sessions::table
        .filter(sessions::user_id.eq(user_id))
        .filter(sessions::ended_at.eq(revocation.now))
        .filter(diesel::dsl::not(diesel::dsl::exists(remembered)))
        .select((sessions::status_list, sessions::status_idx, revocation.until.into_sql::<BigInt>()));
    let columns = (blocked_statuses::status_list, blocked_statuses::status_idx, blocked_statuses::expires_at);
    diesel::insert_into(blocked_statuses::table)
        .values(ended)
        .into_columns(columns)
        .execute(connection)
        .map(drop)
}

/// The revoked places of a list that is in use: one in which places are reserved, or that the row of a session, of a
/// client or of a revoked place names. `None` for other lists, and for those from before the database was restored.
///
/// Sessions and clients are looked at before the revoked places: they leave their list only in the transaction that
/// remembers the place they had.
pub fn revoked_in(connection: &mut DbConnection, list: i64) -> QueryResult<Option<Vec<i64>>> {
    let counter = counter(connection)?;
    if list < counter.first_list {
        return Ok(None);
    }
    let of_sessions = sessions::table.filter(sessions::status_list.eq(list));
    let of_clients = clients::table.filter(clients::status_list.eq(list));
    let is_named = list == counter.current_list()
        || diesel::select(diesel::dsl::exists(of_sessions)).get_result(connection)?
        || diesel::select(diesel::dsl::exists(of_clients)).get_result(connection)?;
    let revoked: Vec<i64> = blocked_statuses::table
        .filter(blocked_statuses::status_list.eq(list))
        .select(blocked_statuses::status_idx)
        .load(connection)?;
    Ok((is_named || !revoked.is_empty()).then_some(revoked))
}

/// Every list in use, as [`revoked_in`] has it.
pub fn lists_in_use(connection: &mut DbConnection) -> QueryResult<BTreeSet<i64>> {
    let counter = counter(connection)?;
    let mut lists = BTreeSet::from([counter.current_list()]);
    // From one list to the next by the index: there are few lists and many rows.
    let mut from = counter.first_list;
    loop {
        let of_sessions = sessions::table.filter(sessions::status_list.ge(from));
        let of_sessions: Option<i64> =
            of_sessions.select(diesel::dsl::min(sessions::status_list)).get_result(connection)?;
        let of_clients = clients::table.filter(clients::status_list.ge(from));
        let of_clients: Option<i64> =
            of_clients.select(diesel::dsl::min(clients::status_list)).get_result(connection)?;
        let of_blocked = blocked_statuses::table.filter(blocked_statuses::status_list.ge(from));
        let of_blocked: Option<i64> =
            of_blocked.select(diesel::dsl::min(blocked_statuses::status_list)).get_result(connection)?;
        let next = [of_sessions, of_clients, of_blocked].into_iter().flatten().min();
        let Some(next) = next else { return Ok(lists) };
        lists.insert(next);
        from = next + 1;
    }
}

/// Begins a range of lists that nothing has ever named, and gives its first: their numbers follow the time, and are
/// ahead of all that the row knows of. Everything before counts as revoked.
pub fn begin_range(connection: &mut DbConnection, now: i64) -> QueryResult<i64> {
    let row = status_counter::table.filter(status_counter::id.eq(COUNTER));
    // Written before it is read, so that nobody reserves a place in between.
    diesel::update(row).set(status_counter::restored_at.eq(now)).execute(connection)?;
    let first = now.max(counter(connection)?.current_list() + 1);
    let range = (status_counter::first_list.eq(first), status_counter::next_index.eq(first * LIST_SIZE));
    diesel::update(row).set(range).execute(connection)?;
    Ok(first)
}

/// Forgets at most `lot` revoked places that no token names any more. How many were found; fewer than `lot` means that
/// no more are there.
pub fn purge(connection: &mut DbConnection, now: i64, lot: i64) -> QueryResult<usize> {
    let places: Vec<(i64, i64)> = blocked_statuses::table
        .filter(blocked_statuses::expires_at.le(now))
        .order(blocked_statuses::expires_at)
        .select((blocked_statuses::status_list, blocked_statuses::status_idx))
        .limit(lot)
        .load(connection)?;
    let mut by_list: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (list, idx) in &places {
        by_list.entry(*list).or_default().push(*idx);
    }
    for (list, idxs) in by_list {
        let rows = blocked_statuses::table
            .filter(blocked_statuses::status_list.eq(list))
            .filter(blocked_statuses::status_idx.eq_any(idxs));
        diesel::delete(rows).execute(connection)?;
    }
    Ok(places.len())
}
