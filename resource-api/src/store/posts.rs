//! Posts. A deleted one is marked and no query here returns it.

use diesel::prelude::*;
use shared_service::{
    database::DbConnection,
    page::{Found, Page},
};

use super::schema::{accounts, posts};

/// A post as it is stored.
#[derive(Debug, Insertable)]
#[diesel(table_name = posts)]
pub struct NewPost {
    /// UUIDv7 of `created_at`.
    pub id: String,
    /// Its author's `sub`.
    pub author_sub: String,
    /// The text.
    pub content: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// A post as it is read, with its author's present name.
#[derive(Debug, PartialEq, Eq, Queryable)]
pub struct PostRow {
    /// UUIDv7.
    pub id: String,
    /// `None` once a younger account has the author's name.
    pub author: Option<String>,
    /// The text.
    pub content: String,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// Whose posts someone may delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletable {
    /// An author's: those of this `sub`.
    Of(String),
    /// An administrator's: all.
    Any,
}

/// What every reading query selects: [`PostRow`] of posts not deleted, joined with the author's account.
#[diesel::dsl::auto_type(no_type_alias)]
fn visible() -> _ {
    let row = (posts::id, accounts::username, posts::content, posts::created_at);
    posts::table.inner_join(accounts::table).filter(posts::deleted_at.is_null()).select(row)
}

/// Stores a post.
pub fn insert(conn: &mut DbConnection, post: &NewPost) -> QueryResult<()> {
    diesel::insert_into(posts::table).values(post).execute(conn).map(drop)
}

/// The post with this id.
pub fn find(conn: &mut DbConnection, id: &str) -> QueryResult<Option<PostRow>> {
    visible().filter(posts::id.eq(id)).first(conn).optional()
}

/// Marks a post as deleted. False if there is no such post among those `deletable`.
pub fn mark_deleted(
    conn: &mut DbConnection,
    id: &str,
    deletable: &Deletable,
    deleted_at: i64,
) -> QueryResult<bool> {
    let post = posts::table.filter(posts::id.eq(id)).filter(posts::deleted_at.is_null());
    let deleted = posts::deleted_at.eq(deleted_at);
    let rows = match deletable {
        Deletable::Of(author) => {
            diesel::update(post.filter(posts::author_sub.eq(author))).set(deleted).execute(conn)
        }
        Deletable::Any => diesel::update(post).set(deleted).execute(conn),
    };
    rows.map(|rows| rows == 1)
}

/// The posts with these ids, newest first.
pub fn with_ids(conn: &mut DbConnection, ids: &[String]) -> QueryResult<Vec<PostRow>> {
    visible().filter(posts::id.eq_any(ids)).order(posts::id.desc()).load(conn)
}

/// An author's posts, newest first.
pub fn of_author(conn: &mut DbConnection, sub: &str, page: &Page) -> QueryResult<Found<PostRow>> {
    // Ids first, from the index alone, and with a lower bound: otherwise MySQL and MariaDB find the author in it and then
    // read all of his that are newer than the cursor.
    let ids: Vec<String> = posts::table
        .filter(posts::listed_by.eq(sub))
        .filter(posts::listed_id.ge(""))
        .filter(posts::listed_id.lt(page.before()))
        .order(posts::listed_id.desc())
        .limit(page.rows())
        .select(posts::listed_id)
        .load(conn)?;
    // The ids tell where the next page begins: should one of the posts be deleted by now, this page is short.
    let Found { rows: ids, resume_after } = page.cut(ids, String::as_str, None);
    Ok(Found { rows: with_ids(conn, &ids)?, resume_after })
}

/// How many posts an author has.
pub fn count_of_author(conn: &mut DbConnection, sub: &str) -> QueryResult<i64> {
    posts::table.filter(posts::listed_by.eq(sub)).count().get_result(conn)
}
