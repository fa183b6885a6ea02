//! How much a statement may look at.

use super::Plan;
use crate::statements::Purpose;

/// No statement that somebody waits for, and none of the background's lots, may look at more rows: five thousand users are
/// what one page of a search looks at, and a status list has as many revoked places at most as there were logouts within
/// a few minutes.
pub(super) const ROWS: u64 = 12_000;
/// The same in steps of SQLite's virtual machine.
const STEPS: u64 = 25 * ROWS;
/// Nor may a request walk more rows of a table than this, from one end on: what one page of a search looks at. (What is
/// smaller is quicker read from end to end than looked up in, and PostgreSQL knows.)
const WALKED: u64 = 6000;
/// Tables that do not grow.
pub(super) const DO_NOT_GROW: [&str; 3] = ["status_counter", "guards", "__diesel_schema_migrations"];
/// How many pages PostgreSQL may read to find a row, and as many for each time that it looks for some: an index is as deep
/// as four pages, and then there is the row itself. Good statements need two. On top comes what little there is in any
/// case; an index that is walked from end to end has more.
const PAGES_PER_ROW: u64 = 4;
const PAGES: u64 = 32;
/// The two counts of a profile, which grow with one user's own posts and followers. They may look at as many rows as they
/// count, and walk through nothing. An optimised program does not know whose statement it was, but it knows its text.
pub(super) const COUNTS: [&str; 2] = [
    "SELECT COUNT(*) FROM posts WHERE posts.listed_by = ?",
    "SELECT COUNT(*) FROM follows WHERE follows.followee_sub = ?",
];

/// What is wrong with a plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excess {
    /// The same for all that differ by their amount alone.
    pub(super) kind: String,
    pub(super) amount: u64,
    /// As people read it.
    pub(super) text: String,
}

/// The count of [`COUNTS`] that a statement is, whichever engine it is written for.
pub(super) fn count_of(sql: &str) -> Option<&'static str> {
    let plain = |sql: &str| {
        let sql = sql.replace("$1", "?");
        sql.chars().filter(|character| !matches!(character, '"' | '`' | '(' | ')')).collect::<String>()
    };
    COUNTS.into_iter().find(|count| plain(count) == plain(sql))
}

/// Everything that is wrong with one plan. On the command line nothing is: somebody does that now and then.
pub(super) fn excesses(purpose: Purpose, sql: &str, plan: &Plan) -> Vec<Excess> {
    if purpose == Purpose::CommandLine {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut add = |kind: &str, amount: u64, text: String| {
        found.push(Excess { kind: kind.to_owned(), amount, text });
    };
    let Plan { examined, unit, pages, lookups, .. } = plan;
    let is_count = count_of(sql).is_some();
    let bound = if *unit == "rows" { ROWS } else { STEPS };
    if *examined > bound && !is_count {
        add("examined", *examined, format!("{examined} {unit}, more than {bound}"));
    }
    let bound = PAGES + PAGES_PER_ROW * (examined + lookups);
    if *pages > bound {
        let text =
            format!("reads {pages} pages, more than {bound}, for {examined} rows looked for {lookups} times");
        add("pages", *pages, text);
    }
    let bound = match purpose {
        _ if is_count => 0,
        Purpose::Request => WALKED,
        Purpose::Background | Purpose::CommandLine => ROWS,
    };
    for (table, rows) in &plan.walked {
        if *rows > bound && !DO_NOT_GROW.iter().any(|constant| table.contains(constant)) {
            add(table, *rows, format!("walks {rows} rows of {table}"));
        }
    }
    // What was not executed has looked at nothing, and that says nothing.
    if let Some(why) = plan.not_executed.as_ref().filter(|_| !inserts_values(sql)) {
        add("not executed", 0, format!("was not executed: {why}"));
    }
    found
}

/// Whether it only adds a row that is given: that reads nothing, and a row that the tour has added is there already.
fn inserts_values(sql: &str) -> bool {
    sql.starts_with("INSERT ") && sql.contains(" VALUES (") && !sql.contains("SELECT")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "SELECT a FROM b WHERE c = ?";

    fn plan(examined: u64) -> Plan {
        Plan { examined, unit: "rows", ..Plan::default() }
    }

    fn kinds(purpose: Purpose, sql: &str, plan: &Plan) -> Vec<String> {
        excesses(purpose, sql, plan).into_iter().map(|excess| excess.kind).collect()
    }

    #[test]
    fn no_more_than_a_bounded_number_of_rows_is_looked_at() {
        assert_eq!(kinds(Purpose::Request, SQL, &plan(ROWS)), [""; 0]);
        assert_eq!(kinds(Purpose::Request, SQL, &plan(ROWS + 1)), ["examined"]);
        assert_eq!(kinds(Purpose::Background, SQL, &plan(ROWS + 1)), ["examined"]);
        assert_eq!(kinds(Purpose::CommandLine, SQL, &plan(ROWS + 1)), [""; 0]);
        assert_eq!(kinds(Purpose::Request, SQL, &Plan { unit: "steps", ..plan(STEPS) }), [""; 0]);
    }

    #[test]
    fn tables_that_grow_are_not_walked() {
        let walked = |table: &str, rows| Plan { walked: vec![(table.to_owned(), rows)], ..plan(0) };
        assert_eq!(kinds(Purpose::Request, SQL, &walked("users", WALKED)), [""; 0]);
        assert_eq!(kinds(Purpose::Request, SQL, &walked("users", WALKED + 1)), ["users"]);
        assert_eq!(kinds(Purpose::Request, SQL, &walked("SCAN guards", WALKED + 1)), [""; 0]);
        assert_eq!(kinds(Purpose::Background, SQL, &walked("users", ROWS + 1)), ["users"]);
    }

    #[test]
    fn an_index_that_is_walked_with_a_condition_is_known_by_its_pages() {
        let read = |pages, lookups| Plan { pages, lookups, ..plan(2) };
        assert_eq!(kinds(Purpose::Request, SQL, &read(PAGES + 3 * PAGES_PER_ROW, 1)), [""; 0]);
        assert_eq!(kinds(Purpose::Request, SQL, &read(PAGES + 3 * PAGES_PER_ROW + 1, 1)), ["pages"]);
        assert_eq!(kinds(Purpose::Request, SQL, &read(3000, 1000)), [""; 0]);
    }

    #[test]
    fn the_two_counts_of_a_profile_may_count_and_not_walk() {
        let on_postgres = "SELECT COUNT(*) FROM \"follows\" WHERE (\"follows\".\"followee_sub\" = $1)";
        let on_others = "SELECT COUNT(*) FROM `posts` WHERE (`posts`.`listed_by` = ?)";
        let walks = Plan { walked: vec![("posts".into(), 1)], ..plan(1_000_000) };
        for sql in [on_postgres, on_others] {
            assert!(count_of(sql).is_some(), "{sql}");
            assert_eq!(kinds(Purpose::Request, sql, &plan(1_000_000)), [""; 0]);
            assert_eq!(kinds(Purpose::Request, sql, &walks), ["posts"]);
        }
        let other = "SELECT COUNT(*) FROM `follows` WHERE (`follows`.`follower_sub` = ?)";
        assert_eq!(kinds(Purpose::Request, other, &plan(1_000_000)), ["examined"]);
    }

    #[test]
    fn only_an_insert_of_given_values_need_not_be_executed() {
        let failed = Plan { not_executed: Some("it is there".into()), ..plan(0) };
        assert_eq!(kinds(Purpose::Request, "INSERT INTO `a` (`b`) VALUES (?)", &failed), [""; 0]);
        assert_eq!(
            kinds(Purpose::Request, "INSERT INTO `a` (`b`) SELECT `c` FROM `d`", &failed),
            ["not executed"]
        );
        assert_eq!(kinds(Purpose::Background, "DELETE FROM `a`", &failed), ["not executed"]);
    }
}
