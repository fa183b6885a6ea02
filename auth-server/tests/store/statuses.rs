//! Places in status lists: given out once, revoked once, remembered as long as it matters.

use std::collections::BTreeSet;

use auth_server::{
    audit::Recorder,
    sessions::{AfterRestoring, after_restoring},
    store::{
        clients::{self, Client},
        schema::{blocked_statuses, sessions as session_rows, status_counter},
        sessions::{self, Outlived, Session},
        statuses::{self, LIST_SIZE, Revocation, StatusIndex},
        users,
    },
};
use diesel::prelude::*;
use shared_service::database::{DbConnection, Store};

use crate::{
    Database, Failure, NOW, POOL, REVOCATION, migrated, run, session, set_roles, together, user, with_session,
};

type Place = (i64, i64);

fn place(status: StatusIndex) -> Place {
    (status.list, status.idx)
}

fn blocked(connection: &mut DbConnection) -> QueryResult<BTreeSet<Place>> {
    let columns = (blocked_statuses::status_list, blocked_statuses::status_idx);
    blocked_statuses::table.select(columns).load(connection).map(BTreeSet::from_iter)
}

fn next_index(store: &Store) -> i64 {
    run(store, |c| Ok(status_counter::table.select(status_counter::next_index).first(c)?)).unwrap()
}

/// A user with so many sessions, at the places 0 and up of list 1.
fn with_sessions(count: i64) -> Database {
    let database = migrated();
    run(&database.store(POOL), |c| {
        users::insert(c, &user("u", "alice"), &["user".into()])?;
        for n in 0..count {
            sessions::insert(c, &Session { status_idx: n, ..session(&format!("s{n}"), "u") })?;
        }
        Ok(())
    })
    .unwrap();
    database
}

#[test]
fn parallel_reservations_never_give_out_a_place_twice() {
    let database = migrated();
    let before = next_index(&database.store(POOL));
    let reserved = together(&database, |n, c| {
        let count = i64::try_from(n).unwrap() % 5 + 1;
        Ok(statuses::reserve(c, count)?.map(place).collect::<Vec<_>>())
    });
    let reserved: Vec<Place> = reserved.into_iter().flat_map(Result::unwrap).collect();
    let distinct: BTreeSet<Place> = reserved.iter().copied().collect();
    assert_eq!(distinct.len(), reserved.len());
    assert_eq!(next_index(&database.store(POOL)), before + i64::try_from(reserved.len()).unwrap());
}

#[test]
fn a_reservation_that_is_rolled_back_has_reserved_nothing() {
    let database = migrated();
    let store = database.store(POOL);
    let before = next_index(&store);
    let failed: Result<(), Failure> = run(&store, |c| {
        statuses::reserve(c, 10)?.for_each(drop);
        Err(diesel::result::Error::RollbackTransaction.into())
    });
    assert!(failed.is_err());
    assert_eq!(next_index(&store), before);
}

#[test]
fn the_place_after_the_last_of_a_list_is_the_first_of_the_next() {
    let database = migrated();
    let store = database.store(POOL);
    let end_of_seven = status_counter::next_index.eq(8 * LIST_SIZE - 1);
    run(&store, |c| Ok(diesel::update(status_counter::table).set(end_of_seven).execute(c)?)).unwrap();
    let reserved = run(&store, |c| Ok(statuses::reserve(c, 2)?.map(place).collect::<Vec<_>>())).unwrap();
    assert_eq!(reserved, [(7, LIST_SIZE - 1), (8, 0)]);
}

#[test]
fn of_parallel_ends_of_one_session_one_ends_it_and_its_place_is_revoked_once() {
    let database = with_session();
    let ends = together(&database, |_, c| Ok(sessions::end(c, "s", REVOCATION)?));
    assert_eq!(ends.into_iter().filter(|ended| *ended.as_ref().unwrap()).count(), 1);
    assert_eq!(run(&database.store(POOL), |c| Ok(blocked(c)?)).unwrap(), BTreeSet::from([(1, 0)]));
}

#[test]
fn all_sessions_but_one_end_and_each_is_revoked() {
    let database = with_sessions(3);
    let store = database.store(POOL);
    assert_eq!(run(&store, |c| Ok(sessions::end_all(c, "u", Some("s1"), REVOCATION)?)).unwrap(), 2);
    assert_eq!(run(&store, |c| Ok(blocked(c)?)).unwrap(), BTreeSet::from([(1, 0), (1, 2)]));
    assert!(run(&store, |c| Ok(sessions::end(c, "s1", REVOCATION)?)).unwrap());
}

#[test]
fn role_changes_that_race_with_ends_revoke_what_is_outdated_and_nothing_else() {
    for _ in 0..5 {
        let database = with_sessions(4);
        let store = database.store(POOL);
        // Each tells which places the sessions have after it.
        let seen = together(&database, |n, c| {
            if n % 2 == 0 {
                set_roles(c, "u", &[&format!("role-{n}")])?;
            } else if n % 4 == 1 {
                sessions::end(c, &format!("s{}", n / 4 % 3), REVOCATION)?;
            }
            let columns = (session_rows::status_list, session_rows::status_idx);
            Ok(session_rows::table.select(columns).load::<Place>(c)?)
        });
        let ever: BTreeSet<Place> =
            seen.into_iter().flat_map(Result::unwrap).chain((0..4).map(|n| (1, n))).collect();
        let living = session_rows::table.filter(session_rows::ended_at.is_null());
        let columns = (session_rows::status_list, session_rows::status_idx);
        let living: BTreeSet<Place> =
            run(&store, |c| Ok(living.select(columns).load(c)?)).unwrap().into_iter().collect();
        assert_eq!(living.len(), 1, "s3 is never ended");
        let revoked = run(&store, |c| Ok(blocked(c)?)).unwrap();
        assert_eq!(revoked, &ever - &living);
    }
}

#[test]
fn a_list_is_in_use_while_it_is_reserved_from_or_named_by_a_session_a_client_or_a_revoked_place() {
    let database = with_session();
    let store = database.store(POOL);
    let client = Client {
        id: "svc_0192f0c123457000800000000000abcd".into(),
        name: "billing".into(),
        scopes: String::new(),
        is_active: true,
        created_at: NOW,
        status_list: 6,
        status_idx: 3,
    };
    run(&store, |c| Ok(clients::insert(c, &client)?)).unwrap();
    let first = status_counter::first_list.eq(1);
    let next = status_counter::next_index.eq(9 * LIST_SIZE);
    run(&store, |c| Ok(diesel::update(status_counter::table).set((first, next)).execute(c)?)).unwrap();
    run(&store, |c| Ok(statuses::block(c, StatusIndex { list: 4, idx: 3 }, REVOCATION)?)).unwrap();
    run(&store, |c| Ok(statuses::block(c, StatusIndex { list: 0, idx: 3 }, REVOCATION)?)).unwrap();
    let revoked_in = |list| run(&store, |c| Ok(statuses::revoked_in(c, list)?)).unwrap();
    assert_eq!(revoked_in(0), None, "before the first list");
    assert_eq!(revoked_in(1), Some(vec![]));
    assert_eq!(revoked_in(4), Some(vec![3]));
    assert_eq!(revoked_in(6), Some(vec![]), "a client's");
    assert_eq!(revoked_in(9), Some(vec![]));
    for unused in [2, 3, 5, 7, 8, 10, i64::MAX] {
        assert_eq!(revoked_in(unused), None, "{unused}");
    }
    let lists = run(&store, |c| Ok(statuses::lists_in_use(c)?)).unwrap();
    assert_eq!(lists, BTreeSet::from([1, 4, 6, 9]));
}

#[test]
fn after_restoring_every_session_has_ended_and_lists_begin_beyond_all_that_there_were() {
    let database = with_sessions(3);
    let store = database.store(POOL);
    run(&store, |c| Ok(sessions::end(c, "s0", REVOCATION)?)).unwrap();
    let restore =
        |now| run(&store, |c| Ok(after_restoring(c, now, &Recorder::command_line(now * 1000))?)).unwrap();
    assert_eq!(restore(NOW), AfterRestoring { ended: 2, first_list: NOW });
    assert!(!run(&store, |c| Ok(users::hold(c, "u", 1)?)).unwrap(), "a login that was under way");
    let counter = run(&store, |c| Ok(statuses::counter(c)?)).unwrap();
    assert_eq!((counter.first_list, counter.current_list(), counter.restored_at), (NOW, NOW, Some(NOW)));
    assert_eq!(run(&store, |c| Ok(statuses::reserve(c, 1)?.map(place).next())).unwrap(), Some((NOW, 0)));
    // Again in the same second, and with a clock that was set back.
    assert_eq!(restore(NOW), AfterRestoring { ended: 0, first_list: NOW + 1 });
    assert_eq!(restore(NOW - 1000), AfterRestoring { ended: 0, first_list: NOW + 2 });
}

#[test]
fn logins_and_role_changes_that_race_with_restoring_leave_no_session_before_the_new_range() {
    for round in 0..6 {
        let database = with_sessions(2);
        let begun = together(&database, |_, c| {
            let version = users::find(c, "u")?.unwrap().user.version;
            Ok((version, statuses::reserve(c, 1)?.next().unwrap()))
        });
        let begun: Vec<_> = begun.into_iter().map(Result::unwrap).collect();
        let outcomes = together(&database, move |n, c| {
            let (version, status) = begun[n];
            match n {
                0 => drop(after_restoring(c, NOW, &Recorder::command_line(NOW * 1000))?),
                1..4 if round % 2 == 0 => set_roles(c, "u", &["user", &format!("role-{n}")])?,
                _ => {
                    let row = Session {
                        status_list: status.list,
                        status_idx: status.idx,
                        ..session(&format!("t{n}"), "u")
                    };
                    auth_server::sessions::start(c, &row, version)?;
                }
            }
            Ok(())
        });
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let old = session_rows::table.filter(session_rows::ended_at.is_null());
        let old = old.filter(session_rows::status_list.lt(NOW)).count();
        assert_eq!(run(&database.store(POOL), |c| Ok(old.get_result::<i64>(c)?)).unwrap(), 0);
    }
}

#[test]
fn revoked_places_are_forgotten_in_lots_when_their_time_has_come() {
    let database = migrated();
    let store = database.store(POOL);
    run(&store, |c| {
        for n in 0..7 {
            let revocation = Revocation { now: NOW, until: NOW + 100 + n / 5 };
            statuses::block(c, StatusIndex { list: n % 2, idx: n }, revocation)?;
        }
        Ok(())
    })
    .unwrap();
    let purge = |now| run(&store, |c| Ok(statuses::purge(c, now, 3)?)).unwrap();
    assert_eq!(purge(NOW + 99), 0);
    assert_eq!((purge(NOW + 100), purge(NOW + 100), purge(NOW + 100)), (3, 2, 0));
    assert_eq!(run(&store, |c| Ok(blocked(c)?)).unwrap(), BTreeSet::from([(1, 5), (0, 6)]));
    assert_eq!(purge(NOW + 101), 2);
}

#[test]
fn sessions_are_deleted_in_lots_when_they_have_been_over_for_long_enough() {
    let database = migrated();
    let store = database.store(POOL);
    let rows = [
        Session { ended_at: Some(NOW), ..session("ended", "u") },
        Session { expires_at: NOW, ..session("at-its-cap", "u") },
        Session { last_used_at: NOW - 100, ..session("idle", "u") },
        Session { last_used_at: NOW - 101, ..session("idle-for-longer", "u") },
        Session { last_used_at: NOW - 102, ..session("idle-for-longest", "u") },
        Session { ended_at: Some(NOW + 1), expires_at: NOW + 1, ..session("ended-later", "u") },
        Session { last_used_at: NOW - 99, expires_at: NOW + 1, ..session("living", "u") },
    ];
    run(&store, |c| {
        users::insert(c, &user("u", "alice"), &["user".into()])?;
        for (n, row) in (0..).zip(&rows) {
            sessions::insert(c, &Session { status_idx: n, ..row.clone() })?;
        }
        Ok(())
    })
    .unwrap();
    let purge = |ended, last_used| {
        run(&store, |c| Ok(sessions::purge(c, Outlived { ended, last_used }, 2)?)).unwrap()
    };
    assert_eq!(purge(NOW - 1, NOW - 103), 0);
    // Two for each of the three reasons, if there are so many.
    assert_eq!((purge(NOW, NOW - 100), purge(NOW, NOW - 100), purge(NOW, NOW - 100)), (4, 1, 0));
    let left: Vec<String> =
        run(&store, |c| Ok(session_rows::table.select(session_rows::id).order(session_rows::id).load(c)?))
            .unwrap();
    assert_eq!(left, ["ended-later", "living"]);
}

#[test]
fn instances_that_purge_at_once_do_not_hinder_each_other() {
    let database = migrated();
    let store = database.store(POOL);
    run(&store, |c| {
        (0..200).try_for_each(|n| statuses::block(c, StatusIndex { list: 1, idx: n }, REVOCATION))?;
        Ok(())
    })
    .unwrap();
    let purges = together(&database, |_, c| {
        while statuses::purge(c, REVOCATION.until, 20)? == 20 {}
        Ok(())
    });
    assert!(purges.iter().all(Result::is_ok), "{purges:?}");
    assert!(run(&store, |c| Ok(blocked(c)?)).unwrap().is_empty());
}
