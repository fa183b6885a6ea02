//! The migrations that give posts and follows the columns that lists run along, on tables with rows in them.

use std::{fs, path::PathBuf};

use diesel::connection::SimpleConnection;
use resource_api::store::{follows, posts};
use shared_service::{
    database::{DbConnection, connect},
    page::Page,
};
use test_servers::{Database, Engine};

const LISTED: [&str; 2] = ["2026-11-21-210000_listed_posts", "2026-11-21-220000_listed_follows"];
const PAGE: Page = Page { after: None, limit: 20 };

fn folder() -> PathBuf {
    let engine = match Engine::chosen() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::Mysql => "mysql",
    };
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine)
}

fn run(conn: &mut DbConnection, migration: &str, file: &str) {
    let sql = fs::read_to_string(folder().join(migration).join(file)).unwrap();
    conn.batch_execute(&sql).unwrap_or_else(|error| panic!("{migration} {file}: {error}"));
}

fn listed(conn: &mut DbConnection) -> (Vec<String>, i64, Vec<String>, i64) {
    let posts = posts::of_author(conn, "a", &PAGE).unwrap().rows.into_iter().map(|post| post.id).collect();
    let followers = follows::followers(conn, "a", &PAGE).unwrap().into_iter().map(|row| row.id).collect();
    let counts = (posts::count_of_author(conn, "a").unwrap(), follows::count_following(conn, "b").unwrap());
    (posts, counts.0, followers, counts.1)
}

#[test]
fn what_is_there_before_them_is_listed_after_them_and_both_have_a_way_back() {
    let database = Database::empty();
    let mut conn = connect(&database.parsed()).unwrap();
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.as_str() < LISTED[0])
        .collect();
    names.sort();
    for name in names {
        run(&mut conn, &name, "up.sql");
    }
    conn.batch_execute(
        "INSERT INTO accounts (sub, username, username_key, named_at) VALUES ('a', 'A', 'a', 1), ('b', 'B', 'b', 1);
         INSERT INTO posts (id, author_sub, content, created_at, deleted_at)
         VALUES ('a1', 'a', 'x', 1, NULL), ('a2', 'a', 'x', 1, 5), ('a3', 'a', 'x', 1, NULL), ('a4', 'b', 'x', 1, NULL);
         INSERT INTO follows (id, follower_sub, followee_sub, created_at) VALUES ('b1', 'b', 'a', 1);",
    )
    .unwrap();
    let before = (vec!["a3".to_owned(), "a1".to_owned()], 2, vec!["b1".to_owned()], 1);
    for _ in 0..2 {
        for name in LISTED {
            run(&mut conn, name, "up.sql");
            if Engine::chosen() == Engine::Mysql {
                // There it commits statement by statement: it may have been broken off before it was written down.
                run(&mut conn, name, "up.sql");
            }
        }
        assert_eq!(listed(&mut conn), before);
        posts::mark_deleted(&mut conn, "a1", &posts::Deletable::Any, 7).unwrap();
        assert_eq!(listed(&mut conn).0, ["a3"]);
        conn.batch_execute("UPDATE posts SET deleted_at = NULL WHERE id = 'a1'").unwrap();
        for name in LISTED.iter().rev() {
            run(&mut conn, name, "down.sql");
        }
    }
}
