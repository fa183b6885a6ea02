//! Those who change clients at once do not wait for each other in a circle.

use std::collections::BTreeSet;

use auth_server::{
    audit::Recorder,
    clients::{ClientChange, ClientChangeError, ClientName, EnsureError, WantedClient, changes, ensure},
    sessions::after_restoring,
    store::clients,
};
use diesel::{connection::SimpleConnection, prelude::*};
use shared_service::database::DbConnection;
use test_servers::Engine;

use crate::{
    Failure, NOW, POOL,
    clients::{blocked, new, occasion, place, scopes, secret, wanted, with_client},
    run, together,
};

#[test]
fn wishes_additions_and_changes_that_come_at_once_do_not_fail_each_other() {
    let (database, client) = with_client();
    let id = client.id.clone();
    let outcomes = together(&database, move |n, c| {
        let to = format!("s{n}");
        let name = (n % 8 < 4).then(|| ClientName::parse(&format!("name{}", n % 3)).unwrap());
        match n % 4 {
            0 => drop(changes::change(
                c,
                &id,
                &ClientChange { name, scopes: Some(scopes(&to)), ..ClientChange::default() },
                &occasion(),
            )?),
            1 => drop(changes::add(c, new(&format!("name{}", n % 3)), &secret(), &occasion())?),
            2 => {
                let wish = WantedClient { scopes: Some(scopes(&to)), ..wanted("new", None) };
                drop(ensure(c, &wish, &secret(), &occasion())?);
            }
            _ => drop(after_restoring(c, NOW, &Recorder::command_line(NOW * 1000))?),
        }
        Ok(())
    });
    for refused in outcomes.into_iter().filter_map(Result::err) {
        let name_taken = matches!(
            refused,
            Failure::Client(ClientChangeError::NameTaken)
                | Failure::Ensure(EnsureError::Change(ClientChangeError::NameTaken))
        );
        assert!(name_taken, "{refused}");
    }
    let store = database.store(POOL);
    let all = run(&store, |c| Ok(clients::all(c)?)).unwrap();
    let names: BTreeSet<_> = all.iter().map(|client| client.name.clone()).collect();
    let places: BTreeSet<_> = all.iter().map(|client| place(client.status())).collect();
    assert_eq!((names.len(), places.len()), (all.len(), all.len()));
    let blocked = blocked(&store);
    assert!(places.is_disjoint(&blocked), "{places:?}: {blocked:?}");
}

/// What was written first, and in which order: `n` for the names, `r` for a client's row that was there before, `c` for
/// the counter of places.
fn written_by(work: impl FnOnce(&mut DbConnection, &str) -> Result<(), Failure>) -> String {
    let (database, client) = with_client();
    let store = database.store(POOL);
    run(&store, |c| Ok(changes::add(c, new("another"), &secret(), &occasion())?)).unwrap();
    let log = Engine::chosen().pick([
        "CREATE TABLE log (n INTEGER PRIMARY KEY, letter TEXT)",
        "CREATE TABLE log (n SERIAL PRIMARY KEY, letter TEXT)",
        "CREATE TABLE log (n INTEGER AUTO_INCREMENT PRIMARY KEY, letter TEXT)",
    ]);
    run(&store, |c| Ok(c.batch_execute(log)?)).unwrap();
    for (table, letter) in [("guards", 'n'), ("clients", 'r'), ("status_counter", 'c')] {
        run(&store, |c| Ok(c.batch_execute(&trigger(table, letter))?)).unwrap();
    }
    run(&store, |c| work(c, &client.id)).unwrap();
    let letters = diesel::sql_query("SELECT letter FROM log ORDER BY n");
    let letters: Vec<Letter> = run(&store, |c| Ok(letters.load(c)?)).unwrap();
    letters.into_iter().map(|each| each.letter).collect()
}

/// Writes the letter into the log for each row of the table that is updated.
fn trigger(table: &str, letter: char) -> String {
    let insert = format!("INSERT INTO log (letter) VALUES ('{letter}');");
    let name = format!("log_{table}");
    let simple = format!("CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW BEGIN {insert} END");
    let by_function = format!(
        "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {insert} RETURN NEW; END $$; \
         CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    );
    Engine::chosen().pick([simple.clone(), by_function, simple])
}

#[derive(QueryableByName)]
struct Letter {
    #[diesel(sql_type = diesel::sql_types::Text)]
    letter: String,
}

/// A server ends one of two that wait for each other, now and then; the order is what can be seen each time.
#[test]
fn all_hold_names_first_then_clients_and_then_the_counter() {
    let renamed = ClientChange {
        name: Some(ClientName::parse("payments").unwrap()),
        scopes: Some(scopes("c")),
        is_active: Some(false),
    };
    let scopes_alone = ClientChange { scopes: Some(scopes("c")), ..ClientChange::default() };
    let added = written_by(|c, _| Ok(changes::add(c, new("new"), &secret(), &occasion()).map(drop)?));
    assert_eq!(added, "nc");
    let taken = written_by(|c, _| {
        assert!(matches!(
            changes::add(c, new("billing"), &secret(), &occasion()),
            Err(ClientChangeError::NameTaken)
        ));
        Ok(())
    });
    assert_eq!(taken, "n");
    let wish = |name| WantedClient { scopes: Some(scopes("c")), ..wanted(name, None) };
    let made = written_by(|c, _| Ok(ensure(c, &wish("new"), &secret(), &occasion()).map(drop)?));
    assert_eq!(made, "nc");
    let others = [
        written_by(|c, _| Ok(ensure(c, &wish("billing"), &secret(), &occasion()).map(drop)?)),
        written_by(|c, id| Ok(changes::change(c, id, &renamed, &occasion()).map(drop)?)),
        written_by(|c, id| Ok(changes::change(c, id, &scopes_alone, &occasion()).map(drop)?)),
        written_by(|c, _| Ok(after_restoring(c, NOW, &Recorder::command_line(NOW * 1000)).map(drop)?)),
    ];
    for (n, written) in others.iter().enumerate() {
        let rows_before_the_counter = written.split('c').next().unwrap();
        // Both, when it is about all.
        let rows = if n == 3 { 2 } else { 1 };
        assert!(rows_before_the_counter.matches('r').count() >= rows, "{written}");
        assert!(written.rfind('n').is_none_or(|last| last == 0), "{written}");
        assert!(written.contains('c'), "{written}");
    }
}
