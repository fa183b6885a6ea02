//! The rules of the store, on a real database: what may happen once happens once, however many try.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod admins;
mod attempts;
mod audit_pages;
mod client_locks;
mod clients;
mod overlapping;
mod search;
mod statuses;

use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
};

use auth_server::{
    accounts::{
        Change, ChangeError, Roles,
        changes::{self, Wanted},
    },
    audit::{Event, Recorder},
    clients::{ClientChangeError, EnsureError},
    store::{
        MIGRATIONS,
        schema::audit_events,
        sessions::{self, Advance, Session},
        statuses::{Revocation, StatusIndex},
        users::{self, User},
    },
};
use diesel::{prelude::*, result::Error};
use shared_service::database::{DbConnection, MigrationError, Store, Unavailable, is_unique_violation};
use test_servers::Database;

const ACTORS: usize = 16;
/// Connections of a pool.
const POOL: u32 = 8;
const NOW: i64 = 1_800_000_000;
const REVOCATION: Revocation = Revocation { now: NOW, until: NOW + 360 };

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Query(#[from] Error),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error(transparent)]
    Change(#[from] ChangeError),
    #[error(transparent)]
    Client(#[from] ClientChangeError),
    #[error(transparent)]
    Ensure(#[from] EnsureError),
}

fn migrated() -> Database {
    let database = Database::empty();
    MIGRATIONS.run(&database.parsed()).unwrap();
    database
}

fn run<T>(store: &Store, work: impl FnOnce(&mut DbConnection) -> Result<T, Failure>) -> Result<T, Failure> {
    store.blocking_transaction(work)
}

/// Lets all actors, over two pools, do the same at the same moment.
fn together<T: Send + 'static>(
    database: &Database,
    work: impl Fn(usize, &mut DbConnection) -> Result<T, Failure> + Send + Sync + 'static,
) -> Vec<Result<T, Failure>> {
    let (work, barrier) = (Arc::new(work), Arc::new(Barrier::new(ACTORS)));
    let pools = [database.store(POOL), database.store(POOL)];
    let actors: Vec<_> = (0..ACTORS)
        .map(|n| {
            let (work, barrier, store) = (work.clone(), barrier.clone(), pools[n % 2].clone());
            std::thread::spawn(move || {
                // Now the pool opens its connections, and not one after the other when it matters.
                run(&store, |c| Ok(users::any_exists(c)?)).unwrap();
                barrier.wait();
                run(&store, |c| work(n, c))
            })
        })
        .collect();
    actors.into_iter().map(|actor| actor.join().unwrap()).collect()
}

fn user(id: &str, name: &str) -> User {
    User {
        id: id.into(),
        username: name.into(),
        username_key: name.to_ascii_lowercase(),
        email: None,
        password_hash: "$2b$10$".into(),
        is_active: true,
        version: 1,
        created_at: NOW,
    }
}

fn session(id: &str, user_id: &str) -> Session {
    Session {
        id: id.into(),
        user_id: user_id.into(),
        nonce: vec![7; 16],
        generation: 0,
        advanced_at: None,
        audience: "a b".into(),
        created_at: NOW,
        last_used_at: NOW,
        expires_at: NOW + 1000,
        ended_at: None,
        user_agent: Some("a browser".into()),
        ip: None,
        status_list: 1,
        status_idx: 0,
    }
}

fn with_session() -> Database {
    let database = migrated();
    run(&database.store(POOL), |c| {
        users::insert(c, &user("u", "Alice"), &["user".into(), "admin".into()])?;
        Ok(sessions::insert(c, &session("s", "u"))?)
    })
    .unwrap();
    database
}

fn change() -> Change {
    Change { revocation: REVOCATION, recorder: Recorder::command_line(NOW * 1000) }
}

fn set_roles(connection: &mut DbConnection, id: &str, roles: &[&str]) -> Result<(), ChangeError> {
    let roles = Roles::parse(roles.iter().map(|role| (*role).to_owned())).unwrap();
    changes::update(connection, id, &Wanted::roles(roles), &change()).map(drop)
}

fn set_active(connection: &mut DbConnection, id: &str, is_active: bool) -> Result<(), ChangeError> {
    changes::update(connection, id, &Wanted::active(is_active), &change()).map(drop)
}

/// By a user who was read at this version.
fn delete(connection: &mut DbConnection, id: &str, version: i64) -> Result<(), ChangeError> {
    changes::delete(connection, &User { version, ..user(id, "whoever") }, &change())
}

fn advance(from: i64) -> Advance<'static> {
    let status = StatusIndex { list: 1, idx: 0 };
    Advance { id: "s", from, to: from + 1, now_ms: NOW * 1000, status, user_version: 1 }
}

#[test]
fn what_is_written_is_read_with_the_roles_in_one_reading() {
    let database = with_session();
    let reading = run(&database.store(POOL), |c| Ok(sessions::find(c, "s")?)).unwrap().unwrap();
    assert_eq!((reading.user.username.as_str(), reading.session.nonce), ("Alice", vec![7; 16]));
    assert_eq!(reading.roles, ["admin", "user"]);
    let found = run(&database.store(POOL), |c| Ok(users::find_by_name(c, "alice")?)).unwrap().unwrap();
    assert_eq!(found.roles, ["admin", "user"]);
    assert!(run(&database.store(POOL), |c| Ok(sessions::find(c, "other")?)).unwrap().is_none());
}

#[test]
fn a_user_without_roles_and_his_sessions_are_found() {
    let database = migrated();
    let reading = run(&database.store(POOL), |c| {
        users::insert(c, &user("u", "alice"), &[])?;
        sessions::insert(c, &session("s", "u"))?;
        Ok(sessions::find(c, "s")?)
    });
    assert!(reading.unwrap().unwrap().roles.is_empty());
}

#[test]
fn of_parallel_signups_of_one_name_one_succeeds() {
    let database = migrated();
    let outcomes = together(&database, |n, c| sign_up(c, &format!("u{n}"), "Alice"));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for failure in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(&failure, Failure::Query(error) if is_unique_violation(error)), "{failure}");
    }
    assert_eq!(told(&database).len(), 1, "what did not happen is not told");
}

#[test]
fn of_changes_that_are_made_at_once_none_is_missing_in_the_audit_trail() {
    let database = migrated();
    let outcomes = together(&database, |n, c| {
        let id = format!("u{n}");
        sign_up(c, &id, &format!("name{n}"))?;
        Ok(changes::set_email(c, &user(&id, &id), Some("a@example.org"), &change()).map(drop)?)
    });
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let expected: BTreeSet<_> = (0..ACTORS)
        .flat_map(|n| ["signed_up", "email_changed"].map(|event| (event.to_owned(), Some(format!("u{n}")))))
        .collect();
    let told = told(&database);
    assert_eq!((told.len(), told.into_iter().collect()), (2 * ACTORS, expected));
}

fn sign_up(connection: &mut DbConnection, id: &str, name: &str) -> Result<(), Failure> {
    let roles = Roles::parse(["user".to_owned()]).unwrap();
    Ok(changes::add(
        connection,
        &user(id, name),
        &roles,
        Event::SignedUp,
        &Recorder::command_line(NOW * 1000),
    )?)
}

/// What the audit trail says: the events, and whom they happened to.
fn told(database: &Database) -> Vec<(String, Option<String>)> {
    let columns = (audit_events::event, audit_events::subject_id);
    run(&database.store(1), |c| Ok(audit_events::table.select(columns).load(c)?)).unwrap()
}

#[test]
fn of_parallel_advances_of_one_link_one_succeeds() {
    let database = with_session();
    let outcomes = together(&database, |_, c| Ok(sessions::advance(c, &advance(0))?));
    let advanced: Vec<bool> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(advanced.iter().filter(|advanced| **advanced).count(), 1);
    let reading = run(&database.store(POOL), |c| Ok(sessions::find(c, "s")?)).unwrap().unwrap();
    assert_eq!((reading.session.generation, reading.session.advanced_at), (1, Some(NOW * 1000)));
}

#[test]
fn transactions_that_read_and_then_write_do_not_fail_each_other() {
    let database = with_session();
    let outcomes = together(&database, |_, c| {
        // Who was overtaken between the two reads again. Each time somebody else has come to his end.
        for _ in 0..ACTORS {
            let read = sessions::find(c, "s")?.expect("it is there").session.generation;
            if sessions::advance(c, &advance(read))? {
                return Ok(true);
            }
        }
        Ok(false)
    });
    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap()));
    let reading = run(&database.store(POOL), |c| Ok(sessions::find(c, "s")?)).unwrap().unwrap();
    assert_eq!(reading.session.generation, i64::try_from(ACTORS).unwrap());
}

#[test]
fn an_ended_session_does_not_advance_nor_one_whose_user_has_changed() {
    let database = with_session();
    let store = database.store(POOL);
    assert!(!run(&store, |c| Ok(sessions::advance(c, &advance(1))?)).unwrap(), "another generation");
    run(&store, |c| users::touch(c, "u").map_err(Failure::from)).unwrap();
    assert!(!run(&store, |c| Ok(sessions::advance(c, &advance(0))?)).unwrap(), "another version of the user");
    let current = Advance { user_version: 2, ..advance(0) };
    let elsewhere = Advance { status: StatusIndex { list: 1, idx: 1 }, ..current };
    assert!(!run(&store, |c| Ok(sessions::advance(c, &elsewhere)?)).unwrap(), "another status");
    run(&store, |c| Ok(sessions::end(c, "s", REVOCATION)?)).unwrap();
    assert!(!run(&store, |c| Ok(sessions::advance(c, &current)?)).unwrap(), "an ended session");
    assert!(!run(&store, |c| Ok(sessions::end(c, "s", REVOCATION)?)).unwrap(), "ended twice");
}

#[test]
fn every_change_of_password_roles_or_activity_makes_a_new_version() {
    let database = with_session();
    let store = database.store(POOL);
    let holds = |version| run(&store, |c| Ok(users::hold(c, "u", version)?)).unwrap();
    assert!(holds(1) && !holds(2));
    run(&store, |c| Ok(users::upgrade_hash(c, "u", 1, "upgraded")?)).unwrap();
    assert!(holds(1), "an upgraded hash is no change of password");
    run(&store, |c| Ok(changes::set_password(c, &user("u", "Alice"), "hash", None, &change())?)).unwrap();
    assert!(holds(2) && !holds(1));
    run(&store, |c| Ok(set_roles(c, "u", &["admin"])?)).unwrap();
    assert!(holds(3));
    run(&store, |c| Ok(users::insert(c, &user("v", "another"), &["admin".into()])?)).unwrap();
    run(&store, |c| Ok(set_active(c, "u", false)?)).unwrap();
    assert!(holds(4));
    run(&store, |c| Ok(users::upgrade_hash(c, "u", 1, "of another time")?)).unwrap();
    let user = run(&store, |c| Ok(users::find_by_name(c, "alice")?)).unwrap().unwrap().user;
    assert_eq!(user.password_hash, "hash");
}

#[test]
fn a_failed_transaction_leaves_nothing_behind() {
    let database = migrated();
    let store = database.store(POOL);
    let outcome = run(&store, |c| {
        users::insert(c, &user("u1", "alice"), &["user".into()])?;
        Ok(users::insert(c, &user("u2", "alice"), &["user".into()])?)
    });
    assert!(outcome.is_err());
    assert!(!run(&store, |c| Ok(users::any_exists(c)?)).unwrap());
}

#[test]
fn users_are_listed_by_name_page_by_page() {
    let database = migrated();
    let store = database.store(POOL);
    for name in ["carol", "Alice", "bob"] {
        run(&store, |c| Ok(users::insert(c, &user(name, name), &[format!("role-of-{name}")])?)).unwrap();
    }
    let names = |after: &str, limit| {
        let page = run(&store, |c| Ok(users::list(c, after, limit)?)).unwrap();
        page.into_iter()
            .map(|each| format!("{} {}", each.user.username, each.roles.join(",")))
            .collect::<Vec<_>>()
    };
    assert_eq!(names("", 2), ["Alice role-of-Alice", "bob role-of-bob"]);
    assert_eq!(names("bob", 2), ["carol role-of-carol"]);
    assert!(names("carol", 2).is_empty());
}

#[test]
fn instances_that_start_at_once_on_an_empty_database_all_come_up() {
    let database = Database::empty();
    let starts: Vec<_> = (0..ACTORS)
        .map(|_| {
            let url = database.parsed();
            std::thread::spawn(move || MIGRATIONS.run(&url))
        })
        .collect();
    let run: Vec<Vec<String>> = starts.into_iter().map(|start| start.join().unwrap().unwrap()).collect();
    assert_eq!(run.iter().filter(|names| !names.is_empty()).count(), 1, "{run:?}");
    assert!(MIGRATIONS.status(&database.parsed()).unwrap().iter().all(|migration| migration.applied));
}

#[test]
fn a_database_newer_than_the_program_is_refused() {
    use diesel::connection::SimpleConnection;
    let database = migrated();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')";
    run(&database.store(POOL), |c| Ok(c.batch_execute(newer)?)).unwrap();
    assert!(
        matches!(MIGRATIONS.run(&database.parsed()), Err(MigrationError::Newer(version)) if version == "29991231000000")
    );
}
