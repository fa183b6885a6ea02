//! Users as administrators page through them: all, or those whose name or address contains a text.
//!
//! No index finds a text inside another on every engine. So a search walks the users, newest first, and one page of it
//! looks at [`LOOKED_AT`] of them at the most, whatever it finds; the next page goes on from there. Whoever has just that
//! name is found by the index, and comes first.

use diesel::{
    define_sql_function,
    prelude::*,
    sql_types::{Nullable, Text},
};
use shared_service::{
    database::DbConnection,
    page::{Found, Page},
};

use super::{
    schema::users,
    users::{self as store, User, UserWithRoles},
};

/// How many users one page of a search looks at: a few milliseconds.
pub const LOOKED_AT: i64 = 5000;

/// One page of all users, newest first.
pub fn page_of_all(connection: &mut DbConnection, page: &Page) -> QueryResult<Found<UserWithRoles>> {
    let rows: Vec<User> = users::table
        .filter(users::id.lt(page.before()))
        .order(users::id.desc())
        .limit(page.rows())
        .select(User::as_select())
        .load(connection)?;
    with_roles(connection, page.cut(rows, |user| &user.id, None))
}

define_sql_function! {
    /// Without regard to case, as far as the engine knows of cases: SQLite knows those of ASCII.
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

/// One page of the users whose name or address contains a text, without regard to case: whoever has that name first, then
/// the others, newest first.
pub fn page(connection: &mut DbConnection, page: &Page, text: &str) -> QueryResult<Found<UserWithRoles>> {
    let key = text.to_ascii_lowercase();
    let named = users::table.filter(users::username_key.eq(&key)).select(User::as_select());
    let named: Option<User> = named.first(connection).optional()?;
    // MySQL takes a name for the same with blanks behind it.
    let named = named.filter(|user| user.username_key == key);
    let but_for = named.as_ref().map(|user| user.id.clone()).unwrap_or_default();
    // He is on the first page, and in the way of the others on none.
    let mut rows: Vec<User> = named.filter(|_| page.after.is_none()).into_iter().collect();
    let rest = Page { limit: page.limit - i64::from(!rows.is_empty()), ..*page };

    let read_down_to = last_looked_at(connection, page)?;
    let pattern = containing_literally(text);
    let by_name = lower(users::username_key.nullable()).like(lower(pattern.clone())).escape(ESCAPE);
    let by_address = lower(users::email).like(lower(pattern)).escape(ESCAPE);
    let found: Vec<User> = users::table
        .filter(users::id.lt(page.before()))
        .filter(users::id.ge(read_down_to.as_deref().unwrap_or_default()))
        .filter(users::id.ne(but_for))
        .filter(by_name.or(by_address))
        .order(users::id.desc())
        .limit(rest.rows())
        .select(User::as_select())
        .load(connection)?;
    let Found { rows: others, resume_after } = rest.cut(found, |user| &user.id, read_down_to);
    rows.extend(others);
    with_roles(connection, Found { rows, resume_after })
}

/// The last one that this page looks at, if there are more.
fn last_looked_at(connection: &mut DbConnection, page: &Page) -> QueryResult<Option<String>> {
    users::table
        .filter(users::id.lt(page.before()))
        .order(users::id.desc())
        .offset(LOOKED_AT - 1)
        .limit(1)
        .select(users::id)
        .get_result(connection)
        .optional()
}

/// Not the backslash, which MySQL takes for an escape in texts too.
const ESCAPE: char = '!';

fn containing_literally(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | ESCAPE) {
            pattern.push(ESCAPE);
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

fn with_roles(connection: &mut DbConnection, found: Found<User>) -> QueryResult<Found<UserWithRoles>> {
    let rows = store::with_roles(connection, found.rows)?;
    Ok(Found { rows, resume_after: found.resume_after })
}
