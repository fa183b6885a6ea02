//! Searches among more users than one page looks at, and the highest cost of their passwords.

use std::{fs, path::PathBuf};

use auth_server::store::{
    search::{self, LOOKED_AT},
    users::{self, User},
};
use diesel::connection::SimpleConnection;
use shared_service::{
    database::{Store, connect},
    page::Page,
};
use test_servers::{Database, Engine};
use uuid::Uuid;

use crate::{POOL, migrated, run, user};

fn numbered(n: u128, name: &str) -> User {
    user(&Uuid::from_u128(n).to_string(), name)
}

/// Every page of a search: the names on each.
fn walk(store: &Store, text: &str, limit: i64) -> Vec<Vec<String>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let found = run(store, |c| Ok(search::page(c, &Page { after, limit }, text)?)).unwrap();
        pages.push(found.rows.into_iter().map(|found| found.user.username).collect());
        let Some(next) = found.resume_after else { return pages };
        after = Some(next.parse().unwrap());
    }
}

#[test]
fn a_search_looks_at_so_many_users_a_page_and_comes_to_all_of_them() {
    let database = migrated();
    let store = database.store(POOL);
    run(&store, |c| {
        // From the oldest: the one of just that name, two others, so many that one page does not look past them, two more.
        users::insert(c, &numbered(1, "Anna"), &["user".into()])?;
        users::insert(c, &numbered(2, "joanna"), &[])?;
        users::insert(c, &User { email: Some("ANNA@x.test".into()), ..numbered(3, "x") }, &[])?;
        for n in 0..u128::try_from(LOOKED_AT).unwrap() {
            users::insert(c, &numbered(10 + n, &format!("nobody{n}")), &[])?;
        }
        users::insert(c, &numbered(100_000, "annabel"), &[])?;
        Ok(users::insert(c, &numbered(100_001, "hanna"), &[])?)
    })
    .unwrap();

    assert_eq!(walk(&store, "ANNA", 20), [vec!["Anna", "hanna", "annabel"], vec!["x", "joanna"]]);
    assert_eq!(walk(&store, "anna", 2), [vec!["Anna", "hanna"], vec!["annabel"], vec!["x", "joanna"]]);
    assert_eq!(
        walk(&store, "anna", 1),
        [vec!["Anna"], vec!["hanna"], vec!["annabel"], vec!["x"], vec!["joanna"]]
    );
    assert_eq!(walk(&store, "joanna", 20), [vec!["joanna"], vec![]], "found at once, and not again");
    assert_eq!(walk(&store, "x.test", 20), [vec![], vec!["x"]]);
    assert_eq!(walk(&store, "missing", 20), [Vec::<String>::new(), vec![]]);
    let first = run(&store, |c| Ok(search::page(c, &Page { after: None, limit: 1 }, "anna")?)).unwrap();
    assert_eq!(first.rows[0].roles, ["user"]);
}

#[test]
fn the_highest_cost_is_found_whatever_the_rest_of_the_hash_is() {
    let database = Database::empty();
    let engine = match Engine::chosen() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::Mysql => "mysql",
    };
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let mut c = connect(&database.parsed()).unwrap();
    let mut sql = |migration: &str, file: &str| {
        c.batch_execute(&fs::read_to_string(folder.join(migration).join(file)).unwrap()).unwrap();
    };
    sql("2026-11-21-000000_accounts_and_sessions", "up.sql");
    let costs = "2026-11-21-210000_password_costs";
    let mut c = connect(&database.parsed()).unwrap();
    c.batch_execute(
        "INSERT INTO users (id, username, username_key, password_hash, is_active, version, created_at) VALUES
         ('a', 'a', 'a', '$2y$10$zzz', TRUE, 1, 1), ('b', 'b', 'b', '$2a$13$abc', TRUE, 1, 1),
         ('c', 'c', 'c', '$2b$04$zzz', TRUE, 1, 1)",
    )
    .unwrap();
    for _ in 0..2 {
        sql(costs, "up.sql");
        if engine == "mysql" {
            sql(costs, "up.sql");
        }
        assert_eq!(users::highest_hash(&mut c).unwrap().as_deref(), Some("$2a$13$abc"));
        assert!(users::set_password(&mut c, "c", 1, "$2b$14$new").unwrap());
        assert_eq!(users::highest_hash(&mut c).unwrap().as_deref(), Some("$2b$14$new"));
        c.batch_execute("UPDATE users SET password_hash = '$2b$04$zzz', version = 1 WHERE id = 'c'").unwrap();
        sql(costs, "down.sql");
    }
}
