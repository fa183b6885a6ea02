//! Two transactions of which the second begins when the first has done its work and not committed yet. What may happen
//! once happens once, and the second decides by what the first has left; on every engine, and not by chance.

use std::{sync::mpsc, thread, time::Duration};

use auth_server::{
    accounts::{ChangeError, Roles, changes as accounts},
    audit::{Event, Recorder},
    clients::{ClientChange, ClientChangeError, ClientName, changes as clients, ensure},
    sessions::{after_restoring, start},
    store::{
        attempts::{self, Failures},
        schema::{audit_events, sessions as session_rows},
        sessions::{self, Session},
        statuses::{self, StatusIndex},
        users,
    },
};
use diesel::prelude::*;
use shared_service::database::{DbConnection, connect, is_deadlock, is_transient, is_unique_violation};
use test_servers::{Database, Engine};

use crate::{
    Failure, NOW, POOL, REVOCATION, advance, change,
    clients::{blocked, new, occasion, place, secret, wanted, with_client},
    delete, migrated, run, session, set_active, set_roles, user, with_session,
};

/// Nobody who waits as he should needs it. It is for who does not wait: he comes to his end meanwhile, and is found out.
const TIME_TO_GO_WRONG: Duration = Duration::from_millis(300);

/// Runs `first`, and before it commits, on a connection of another pool, `second`.
fn overlap<A, B: Send + 'static>(
    database: &Database,
    first: impl FnOnce(&mut DbConnection) -> Result<A, Failure>,
    second: impl FnOnce(&mut DbConnection) -> Result<B, Failure> + Send + 'static,
) -> (Result<A, Failure>, Result<B, Failure>) {
    let stores = [database.store(1), database.store(1)];
    let (done, is_done) = mpsc::channel();
    let mut running = None;
    let first = run(&stores[0], |c| {
        let outcome = first(c);
        let store = stores[1].clone();
        running = Some(thread::spawn(move || {
            let outcome = run(&store, second);
            done.send(()).ok();
            outcome
        }));
        is_done.recv_timeout(TIME_TO_GO_WRONG).ok();
        outcome
    });
    (first, running.unwrap().join().unwrap())
}

fn take_away(c: &mut DbConnection, way: usize, id: &str) -> Result<(), Failure> {
    match way {
        0 => Ok(set_roles(c, id, &["user"])?),
        1 => Ok(set_active(c, id, false)?),
        2 => Ok(accounts::remove(c, id, &change())?),
        _ => Ok(delete(c, id, 1)?),
    }
}

#[test]
fn of_two_administrators_who_remove_each_other_one_is_told_to_be_the_last() {
    for way in 0..4 {
        let database = migrated();
        let store = database.store(1);
        run(&store, |c| {
            users::insert(c, &user("a", "alice"), &["admin".into()])?;
            Ok(users::insert(c, &user("b", "bobby"), &["admin".into()])?)
        })
        .unwrap();
        let (first, second) = overlap(&database, |c| take_away(c, way, "a"), move |c| take_away(c, way, "b"));
        first.unwrap();
        assert!(matches!(second, Err(Failure::Change(ChangeError::LastAdmin))), "way {way}: {second:?}");
        assert_eq!(run(&store, |c| Ok(users::count_active(c, "admin")?)).unwrap(), 1);
    }
}

#[test]
fn a_name_that_somebody_signs_up_with_is_taken_before_he_has_it() {
    let database = migrated();
    let add = |c: &mut DbConnection, id: &str, name: &str| {
        let roles = Roles::parse(["user".to_owned()]).unwrap();
        Ok(accounts::add(c, &user(id, name), &roles, Event::SignedUp, &Recorder::command_line(NOW * 1000))?)
    };
    let (first, second) = overlap(&database, |c| add(c, "a", "Alice"), move |c| add(c, "b", "aLICE"));
    first.unwrap();
    assert!(matches!(&second, Err(Failure::Query(error)) if is_unique_violation(error)), "{second:?}");
    let told = audit_events::table.select(audit_events::subject_id);
    let told: Vec<Option<String>> = run(&database.store(1), |c| Ok(told.load(c)?)).unwrap();
    assert_eq!(told, [Some("a".into())], "who got no account is not told to have one");
}

#[test]
fn places_that_somebody_is_reserving_are_not_reserved_again_and_none_is_left_out() {
    let database = migrated();
    let reserve = |c: &mut DbConnection| Ok(statuses::reserve(c, 3)?.map(place).collect::<Vec<_>>());
    let (first, second) = overlap(&database, reserve, reserve);
    let all = [first.unwrap(), second.unwrap()].concat();
    let (list, idx) = all[0];
    assert_eq!(all, (idx..idx + 6).map(|idx| (list, idx)).collect::<Vec<_>>());
}

#[test]
fn a_link_that_somebody_is_exchanging_is_not_exchanged_again() {
    let database = with_session();
    let exchange = |c: &mut DbConnection| Ok(sessions::advance(c, &advance(0))?);
    let (first, second) = overlap(&database, exchange, exchange);
    assert_eq!((first.unwrap(), second.unwrap()), (true, false));
}

#[test]
fn a_session_that_somebody_is_ending_is_not_ended_again_nor_refreshed() {
    let database = with_session();
    let end = |c: &mut DbConnection| Ok(sessions::end(c, "s", REVOCATION)?);
    let (first, second) = overlap(&database, end, end);
    assert_eq!((first.unwrap(), second.unwrap()), (true, false));
    let database = with_session();
    let (first, second) = overlap(&database, end, |c| Ok(sessions::advance(c, &advance(0))?));
    assert_eq!((first.unwrap(), second.unwrap()), (true, false));
}

#[test]
fn ending_all_sessions_passes_over_one_that_somebody_is_ending() {
    let database = with_session();
    let other = Session { status_idx: 1, ..session("t", "u") };
    run(&database.store(1), |c| Ok(sessions::insert(c, &other)?)).unwrap();
    let (first, second) = overlap(
        &database,
        |c| Ok(sessions::end(c, "s", REVOCATION)?),
        |c| Ok(accounts::end_sessions(c, "u", Event::LoggedOutEverywhere, &change())?),
    );
    assert_eq!((first.unwrap(), second.unwrap()), (true, 1));
    assert_eq!(blocked(&database.store(1)), [(1, 0), (1, 1)].into());
}

#[test]
fn a_login_that_is_under_way_when_the_password_changes_gets_no_session() {
    let database = with_session();
    let (first, second) = overlap(
        &database,
        |c| Ok(accounts::set_password(c, &user("u", "Alice"), "new", None, &change())?),
        |c| Ok(start(c, &Session { status_idx: 1, ..session("t", "u") }, 1)?),
    );
    first.unwrap();
    assert!(!second.unwrap());
}

#[test]
fn a_session_that_begins_when_the_password_changes_ends_with_the_others() {
    let database = with_session();
    let (first, second) = overlap(
        &database,
        |c| Ok(start(c, &Session { status_idx: 1, ..session("t", "u") }, 1)?),
        |c| Ok(accounts::set_password(c, &user("u", "Alice"), "new", None, &change())?),
    );
    assert!(first.unwrap());
    second.unwrap();
    let living = session_rows::table.filter(session_rows::ended_at.is_null()).count();
    assert_eq!(run(&database.store(1), |c| Ok(living.get_result::<i64>(c)?)).unwrap(), 0);
    assert_eq!(blocked(&database.store(1)), [(1, 0), (1, 1)].into());
}

#[test]
fn a_refresh_that_is_under_way_when_the_roles_change_brings_no_token_with_the_old_ones() {
    let database = with_session();
    let (first, second) = overlap(
        &database,
        |c| Ok(set_roles(c, "u", &["admin"])?),
        |c| Ok(sessions::advance(c, &advance(0))?),
    );
    first.unwrap();
    assert!(!second.unwrap());
    assert_eq!(blocked(&database.store(1)), [(1, 0)].into());
}

#[test]
fn of_two_role_changes_each_revokes_the_place_that_it_found() {
    let database = with_session();
    let (first, second) = overlap(
        &database,
        |c| Ok(set_roles(c, "u", &["admin"])?),
        |c| Ok(set_roles(c, "u", &["admin", "other"])?),
    );
    first.unwrap();
    second.unwrap();
    let reading = run(&database.store(1), |c| Ok(sessions::find(c, "s")?)).unwrap().unwrap();
    let revoked = blocked(&database.store(1));
    assert!(revoked.len() == 2 && !revoked.contains(&place(reading.session.status())), "{revoked:?}");
    assert_eq!(reading.roles, ["admin", "other"]);
}

#[test]
fn a_client_name_that_somebody_is_giving_is_taken() {
    let taken =
        |refused: &Result<(), Failure>| matches!(refused, Err(Failure::Client(ClientChangeError::NameTaken)));
    let add =
        |c: &mut DbConnection, name: &str| Ok(clients::add(c, new(name), &secret(), &occasion()).map(drop)?);
    let database = migrated();
    let (first, second) = overlap(&database, |c| add(c, "billing"), move |c| add(c, "billing"));
    first.unwrap();
    assert!(taken(&second), "{second:?}");

    let (database, billing) = with_client();
    let (first, second) = overlap(
        &database,
        |c| add(c, "payments"),
        move |c| {
            let name = Some(ClientName::parse("payments").unwrap());
            let renamed = ClientChange { name, ..ClientChange::default() };
            Ok(clients::change(c, &billing.id, &renamed, &occasion()).map(drop)?)
        },
    );
    first.unwrap();
    assert!(taken(&second), "{second:?}");
}

#[test]
fn a_client_that_somebody_is_making_is_not_made_again() {
    let database = migrated();
    let wish = |c: &mut DbConnection| Ok(ensure(c, &wanted("billing", None), &secret(), &occasion())?);
    let (first, second) = overlap(&database, wish, wish);
    first.unwrap();
    // It tries again, and finds the client.
    if let Err(refused) = second {
        use auth_server::clients::EnsureError;
        let taken = matches!(refused, Failure::Ensure(EnsureError::Change(ClientChangeError::NameTaken)));
        assert!(taken, "{refused}");
    }
    let again = run(&database.store(POOL), wish).unwrap();
    assert_eq!(run(&database.store(POOL), |c| Ok(auth_server::store::clients::all(c)?)).unwrap(), [again.0]);
}

#[test]
fn a_second_secret_is_the_last_one_also_while_somebody_is_adding_it() {
    let (database, client) = with_client();
    let ids = [client.id.clone(), client.id];
    let [one, another] = ids.map(|id| {
        move |c: &mut DbConnection| Ok(clients::add_secret(c, &id, &secret(), &occasion()).map(drop)?)
    });
    let (first, second) = overlap(&database, one, another);
    first.unwrap();
    assert!(matches!(second, Err(Failure::Client(ClientChangeError::TwoSecrets))), "{second:?}");
}

#[test]
fn the_last_secret_stays_when_two_end_the_older_one() {
    let (database, client) = with_client();
    let id = client.id.clone();
    run(&database.store(1), |c| Ok(clients::add_secret(c, &id, &secret(), &occasion())?)).unwrap();
    let ids = [client.id.clone(), client.id];
    let [one, another] = ids
        .map(|id| move |c: &mut DbConnection| Ok(clients::end_older_secret(c, &id, &occasion()).map(drop)?));
    let (first, second) = overlap(&database, one, another);
    first.unwrap();
    assert!(matches!(second, Err(Failure::Client(ClientChangeError::LastSecret))), "{second:?}");
}

#[test]
fn an_attempt_is_counted_on_top_of_the_one_that_is_being_counted() {
    let database = migrated();
    let counted = |count| Failures { count, last_at: NOW, expires_at: NOW + 1 };
    let step = attempts::Step { key: "key".into(), before: None, after: counted(1) };
    run_alone(&database, |c| Ok(attempts::advance(c, [&step])?));
    let swap = move |c: &mut DbConnection| Ok(attempts::swap(c, "key", counted(1), counted(2))?);
    let (first, second) = overlap(&database, swap, swap);
    assert_eq!((first.unwrap(), second.unwrap()), (true, false));
}

/// None of ours does so: see `client_locks`. But what another program does in the database must not look like a fault.
#[test]
fn of_two_who_wait_for_each_other_one_is_told_to_try_again() {
    let database = with_session();
    run(&database.store(1), |c| Ok(users::insert(c, &user("v", "bobby"), &[])?)).unwrap();
    let (held, is_held) = mpsc::channel();
    let second = move |c: &mut DbConnection| {
        users::hold_any_version(c, "v")?;
        held.send(()).ok();
        Ok(users::hold_any_version(c, "u")?)
    };
    let stores = [database.store(1), database.store(1)];
    let mut running = None;
    let first = run(&stores[0], |c| {
        users::hold_any_version(c, "u")?;
        let store = stores[1].clone();
        running = Some(thread::spawn(move || run(&store, second)));
        // A file has one writer at a time, and nobody who could wait for two.
        is_held.recv_timeout(TIME_TO_GO_WRONG).ok();
        Ok(users::hold_any_version(c, "v")?)
    });
    let failures: Vec<_> =
        [first, running.unwrap().join().unwrap()].into_iter().filter_map(Result::err).collect();
    assert_eq!(failures.len(), Engine::chosen().pick([0, 1, 1]), "{failures:?}");
    for failure in failures {
        let passes = matches!(&failure, Failure::Query(error) if is_deadlock(error) && is_transient(error));
        assert!(passes, "{failure}");
    }
}

/// On a connection that is in no transaction.
fn run_alone<T>(database: &Database, work: impl FnOnce(&mut DbConnection) -> Result<T, Failure>) -> T {
    work(&mut connect(&database.parsed()).unwrap()).unwrap()
}

#[test]
fn nobody_gets_a_place_or_a_session_of_before_while_the_database_is_declared_restored() {
    let restore =
        |c: &mut DbConnection| Ok(after_restoring(c, NOW + 1000, &Recorder::command_line(NOW * 1000))?);
    let database = with_session();
    let (first, second) = overlap(&database, restore, |c| Ok(statuses::reserve(c, 1)?.next().unwrap()));
    let range = first.unwrap().first_list;
    let StatusIndex { list, .. } = second.unwrap();
    assert_eq!(list, range);
    let database = with_session();
    let late = Session { status_idx: 1, ..session("t", "u") };
    let (first, second) = overlap(&database, restore, move |c| Ok(start(c, &late, 1)?));
    first.unwrap();
    assert!(!second.unwrap());
}
