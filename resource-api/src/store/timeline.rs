//! Somebody's timeline: his own posts and those of whom he follows, newest first.
//!
//! What is read is bounded by whom he follows and by the size of a page, however many posts there are and whoever wrote
//! them: the newest post of everybody followed, one look into an index each; of as many authors as a page has rows, those
//! with the newest, a page of ids each; the posts of the page.

use std::{collections::HashMap, ops::Range};

use diesel::{
    define_sql_function,
    dsl::sql,
    prelude::*,
    sql_types::{Integer, Nullable, Text},
};
use shared_service::{
    database::{DbConnection, OneAfterTheOther, seeks_for_each_row},
    page::{Found, Page},
};

use super::{
    posts::{self, PostRow},
    schema::{follows, posts as table},
};

/// How many authors are asked for in one statement.
const AUTHORS_AT_ONCE: usize = 128;

/// An author and the id of a post of his.
type Listed = (String, String);

/// One page of a timeline.
pub fn page(conn: &mut DbConnection, sub: &str, page: &Page) -> QueryResult<Found<PostRow>> {
    let followed = latest_of_followed(conn, sub, page)?;
    let rows = usize::try_from(page.rows()).unwrap_or(usize::MAX);
    // Whoever is left out has nothing newer than the last of those who are not.
    let left_out = followed.get(rows - 1).map(|(_, id)| id.clone());
    let others = followed.into_iter().map(|(author, _)| author).filter(|author| author != sub);
    let authors: Vec<String> = std::iter::once(sub.to_owned()).chain(others).collect();

    let from = left_out.clone().unwrap_or_default();
    let mut listed = latest_of(conn, &authors, page.rows(), &(from..page.before()))?;
    listed.sort_unstable_by(|(_, one), (_, other)| other.cmp(one));
    let read_down_to = left_out.max(first_full(&listed, rows));
    let known = read_down_to.clone().unwrap_or_default();
    let ids = listed.into_iter().map(|(_, id)| id).take_while(|id| *id >= known).collect();
    // As a rule these are more than a page. But a post may have been deleted between two of the statements.
    let Found { rows: ids, resume_after } = page.cut(ids, String::as_str, read_down_to);
    Ok(Found { rows: posts::with_ids(conn, &ids)?, resume_after })
}

/// The oldest post known of the first author of whom as many are known as were asked for: he may have older ones. `listed`
/// is newest first.
fn first_full(listed: &[Listed], asked_for: usize) -> Option<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let full = listed.iter().find(|(author, _)| {
        let count = counts.entry(author).or_default();
        *count += 1;
        *count == asked_for
    });
    full.map(|(_, id)| id.clone())
}

define_sql_function! {
    /// The text, or another where there is none.
    fn coalesce(text: Nullable<Text>, other: Text) -> Text;
}

/// Of those whom `sub` follows, as many as a page has rows, each with his newest post that the page may give: those with
/// the newest, newest first.
fn latest_of_followed(conn: &mut DbConnection, sub: &str, page: &Page) -> QueryResult<Vec<Listed>> {
    let followed = follows::table.filter(follows::follower_sub.eq(sub));
    // On the first page there is nothing to skip, so that every engine is quick.
    if page.after.is_some() && !seeks_for_each_row(conn) {
        let authors: Vec<String> = followed.select(follows::followee_sub).load(conn)?;
        let mut latest = latest_of(conn, &authors, 1, &(String::new()..page.before()))?;
        latest.sort_unstable_by(|(_, one), (_, other)| other.cmp(one));
        latest.truncate(usize::try_from(page.rows()).unwrap_or(usize::MAX));
        return Ok(latest);
    }
    let newest = table::table
        .filter(table::listed_by.eq(follows::followee_sub.nullable()))
        .filter(table::listed_id.lt(page.before()))
        .order(table::listed_id.desc())
        .select(table::listed_id)
        .single_value();
    let mut latest: Vec<Listed> = followed
        .select((follows::followee_sub, coalesce(newest, "")))
        // By the second column: said once more, the subquery would be run once more.
        .order(sql::<Integer>("2").desc())
        .limit(page.rows())
        .load(conn)?;
    latest.retain(|(_, id)| !id.is_empty());
    Ok(latest)
}

/// Of each of these authors the newest posts in a range of ids, `each` at the most; in no order.
fn latest_of(
    conn: &mut DbConnection,
    authors: &[String],
    each: i64,
    ids: &Range<String>,
) -> QueryResult<Vec<Listed>> {
    let of_author = |author| {
        table::table
            .filter(table::listed_by.eq(author))
            .filter(table::listed_id.ge(&ids.start))
            .filter(table::listed_id.lt(&ids.end))
            .order(table::listed_id.desc())
            .limit(each)
            .select((table::listed_by.assume_not_null(), table::listed_id))
    };
    let mut latest = Vec::new();
    for authors in authors.chunks(AUTHORS_AT_ONCE) {
        // Filled up with nobody to a power of two: each text is prepared once per connection, so there are to be few.
        let nobody = std::iter::repeat_n("", authors.len().next_power_of_two() - authors.len());
        let queries = authors.iter().map(String::as_str).chain(nobody).map(of_author).collect();
        latest.extend(OneAfterTheOther(queries).load::<Listed>(conn)?);
    }
    Ok(latest)
}
