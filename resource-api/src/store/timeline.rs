//! Somebody's timeline: his own posts and those of whom he follows, newest first.
//!
//! What is read is bounded by whom he follows and by the size of a page, however many posts there are and whoever wrote
//! them: the newest post of everybody followed, one look into an index each; of as many authors as a page has rows, those
//! with the newest, a few ids each, and once more of those who may have more; the posts of the page.

use std::collections::HashMap;

use diesel::{
    backend::Backend,
    define_sql_function,
    expression::{ValidGrouping, is_aggregate::Never},
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
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

/// An author, and the id of a post of his or one before which his are looked for.
type Listed = (String, String);

/// One page of a timeline.
pub fn page(conn: &mut DbConnection, sub: &str, page: &Page) -> QueryResult<Found<PostRow>> {
    let followed = latest_of_followed(conn, sub, page)?;
    let rows = usize::try_from(page.rows()).unwrap_or(usize::MAX);
    // Whoever is left out has nothing newer than the last of those who are not.
    let mut from = followed.get(rows - 1).map(|(_, id)| id.clone());
    let others = followed.into_iter().map(|(author, _)| author).filter(|author| author != sub);
    let mut asked: Vec<Listed> =
        std::iter::once(sub.to_owned()).chain(others).map(|author| (author, page.before())).collect();
    // Of most authors a page has one post or two, so the first time each is asked for few.
    let mut each = rows.min(2 * rows / asked.len() + 2);
    let mut listed = Vec::new();
    while !asked.is_empty() {
        let given = latest_of(conn, &asked, each, from.as_deref())?;
        asked = oldest_of_those_who_gave(each, &given);
        listed.extend(given);
        listed.sort_unstable_by(|(_, one), (_, other)| other.cmp(one));
        // What is older than a page of known posts is not on this page.
        from = from.max(listed.get(rows - 1).map(|(_, id)| id.clone()));
        // Only these may have more that is. The second time they give all of it: nobody has more than a page.
        asked.retain(|(_, oldest)| from.as_ref() < Some(oldest));
        each = rows;
    }
    let known = from.clone().unwrap_or_default();
    let ids = listed.into_iter().map(|(_, id)| id).take_while(|id| *id >= known).collect();
    // As a rule these are more than a page. But a post may have been deleted between two of the statements.
    let Found { rows: ids, resume_after } = page.cut(ids, String::as_str, from);
    Ok(Found { rows: posts::with_ids(conn, &ids)?, resume_after })
}

/// Those of whom there are as many posts as were asked for, each with the oldest of them.
fn oldest_of_those_who_gave(asked_for: usize, given: &[Listed]) -> Vec<Listed> {
    let mut of_each: HashMap<&str, (usize, &str)> = HashMap::new();
    for (author, id) in given {
        let (count, oldest) = of_each.entry(author).or_insert((0, id));
        *count += 1;
        *oldest = id.as_str().min(oldest);
    }
    let full = of_each.into_iter().filter(|(_, (count, _))| *count == asked_for);
    full.map(|(author, (_, oldest))| (author.to_owned(), oldest.to_owned())).collect()
}

define_sql_function! {
    /// The text, or another where there is none.
    fn coalesce(text: Nullable<Text>, other: Text) -> Text;
}

/// What is selected second, as something to order by: said once more, the subquery would be run once more. (A literal of
/// Diesel's would have the statement prepared anew each time.)
#[derive(Debug, Clone, Copy, QueryId)]
struct SecondColumn;

impl Expression for SecondColumn {
    type SqlType = Integer;
}

impl<DB: Backend> QueryFragment<DB> for SecondColumn {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("2");
        Ok(())
    }
}

impl<QS> AppearsOnTable<QS> for SecondColumn {}

impl<QS> SelectableExpression<QS> for SecondColumn {}

impl<G> ValidGrouping<G> for SecondColumn {
    type IsAggregate = Never;
}

/// Of those whom `sub` follows, as many as a page has rows, each with his newest post that the page may give: those with
/// the newest, newest first.
fn latest_of_followed(conn: &mut DbConnection, sub: &str, page: &Page) -> QueryResult<Vec<Listed>> {
    let followed = follows::table.filter(follows::follower_sub.eq(sub));
    // On the first page there is nothing to skip, so that every engine is quick.
    if page.after.is_some() && !seeks_for_each_row(conn) {
        let authors: Vec<String> = followed.select(follows::followee_sub).load(conn)?;
        let asked: Vec<Listed> = authors.into_iter().map(|author| (author, page.before())).collect();
        let mut latest = latest_of(conn, &asked, 1, None)?;
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
        .order(SecondColumn.desc())
        .limit(page.rows())
        .load(conn)?;
    latest.retain(|(_, id)| !id.is_empty());
    Ok(latest)
}

/// Of each of these authors his newest posts before an id of his own, `each` at the most and none older than `from`; in no
/// order.
fn latest_of(
    conn: &mut DbConnection,
    asked: &[Listed],
    each: usize,
    from: Option<&str>,
) -> QueryResult<Vec<Listed>> {
    let each = i64::try_from(each).unwrap_or(i64::MAX);
    let of_author = |(author, before)| {
        table::table
            .filter(table::listed_by.eq(author))
            .filter(table::listed_id.ge(from.unwrap_or_default()))
            .filter(table::listed_id.lt(before))
            .order(table::listed_id.desc())
            .limit(each)
            .select((table::listed_by.assume_not_null(), table::listed_id))
    };
    let mut latest = Vec::new();
    for asked in asked.chunks(AUTHORS_AT_ONCE) {
        // Filled up with nobody to a power of two: each text is prepared once per connection, so there are to be few.
        let nobody = std::iter::repeat_n(("", ""), asked.len().next_power_of_two() - asked.len());
        let authors = asked.iter().map(|(author, before)| (author.as_str(), before.as_str()));
        let queries = authors.chain(nobody).map(of_author).collect();
        latest.extend(OneAfterTheOther(queries).load::<Listed>(conn)?);
    }
    Ok(latest)
}
