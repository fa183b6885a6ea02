//! Somebody can always administrate.

use auth_server::{
    accounts::{ChangeError, changes},
    store::{sessions, users},
};
use shared_service::database::DbConnection;

use crate::{
    ACTORS, Failure, POOL, change, delete, migrated, run, session, set_active, set_roles, together, user,
    with_session,
};

fn admin_id(n: usize) -> String {
    format!("u{}", n % ACTORS)
}

#[test]
fn administrators_who_remove_each_other_at_once_leave_one() {
    for _ in 0..3 {
        let database = migrated();
        let store = database.store(POOL);
        run(&store, |c| {
            for n in 0..ACTORS {
                users::insert(c, &user(&admin_id(n), &format!("admin{n}")), &["admin".into()])?;
            }
            Ok(())
        })
        .unwrap();
        let outcomes = together(&database, |n, c| remove(c, n % 4, &admin_id(n + 1)));
        let refused: Vec<Failure> = outcomes.into_iter().filter_map(Result::err).collect();
        assert!(matches!(refused.as_slice(), [Failure::Change(ChangeError::LastAdmin)]), "{refused:?}");
        assert_eq!(run(&store, |c| Ok(users::count_active(c, "admin")?)).unwrap(), 1);
    }
}

fn remove(connection: &mut DbConnection, way: usize, victim: &str) -> Result<(), Failure> {
    let removed = match way {
        0 => set_roles(connection, victim, &["user"]),
        1 => set_active(connection, victim, false),
        2 => changes::remove(connection, victim, &change()),
        _ => delete(connection, victim, 1),
    };
    removed.map_err(Failure::from)
}

#[test]
fn a_refused_change_of_the_last_administrator_changes_nothing() {
    let database = with_session();
    let store = database.store(POOL);
    run(&store, |c| Ok(users::insert(c, &user("v", "bobby"), &["user".into()])?)).unwrap();
    let refused = |outcome| matches!(outcome, Err(Failure::Change(ChangeError::LastAdmin)));
    assert!(refused(run(&store, |c| Ok(set_roles(c, "u", &["user"])?))));
    assert!(refused(run(&store, |c| Ok(set_active(c, "u", false)?))));
    assert!(refused(run(&store, |c| Ok(delete(c, "u", 1)?))));
    assert!(refused(run(&store, |c| Ok(changes::remove(c, "u", &change())?))));
    let reading = run(&store, |c| Ok(sessions::find(c, "s")?)).unwrap().unwrap();
    assert_eq!((reading.user.version, reading.session.ended_at), (1, None));
    assert_eq!(reading.roles, ["admin", "user"]);
    // What takes nobody's administration away is let through.
    run(&store, |c| Ok(set_roles(c, "u", &["admin"])?)).unwrap();
    run(&store, |c| Ok(set_active(c, "v", false)?)).unwrap();
    run(&store, |c| Ok(delete(c, "v", 2)?)).unwrap();
}

#[test]
fn an_inactive_administrator_does_not_count() {
    let database = with_session();
    let store = database.store(POOL);
    let inactive = users::User { is_active: false, ..user("v", "bobby") };
    run(&store, |c| Ok(users::insert(c, &inactive, &["admin".into()])?)).unwrap();
    let refused = run(&store, |c| Ok(set_active(c, "u", false)?));
    assert!(matches!(refused, Err(Failure::Change(ChangeError::LastAdmin))), "{refused:?}");
}

#[test]
fn a_deleted_account_takes_its_sessions_along_and_frees_its_name() {
    let database = with_session();
    let store = database.store(POOL);
    run(&store, |c| Ok(users::insert(c, &user("v", "root"), &["admin".into()])?)).unwrap();
    assert!(matches!(
        run(&store, |c| Ok(changes::remove(c, "nobody", &change())?)),
        Err(Failure::Change(ChangeError::Absent))
    ));
    let outdated = run(&store, |c| Ok(delete(c, "u", 2)?));
    assert!(matches!(outdated, Err(Failure::Change(ChangeError::Outdated))), "{outdated:?}");
    run(&store, |c| Ok(delete(c, "u", 1)?)).unwrap();
    assert!(run(&store, |c| Ok(sessions::find(c, "s")?)).unwrap().is_none());
    run(&store, |c| Ok(users::insert(c, &user("w", "Alice"), &["user".into()])?)).unwrap();
    let orphan = run(&store, |c| Ok(sessions::insert(c, &session("t", "u"))?));
    assert!(orphan.is_err(), "a session of nobody");
}
