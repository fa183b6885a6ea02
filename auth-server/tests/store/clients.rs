//! What may happen to a client once happens once, and whatever ends its tokens says so in its list.

use std::collections::BTreeSet;

use auth_server::{
    audit::Recorder,
    clients::{
        ClientChange, ClientChangeError, ClientName, ClientScopes, Done, EnsureError, NewClient, Occasion,
        Secret, WantedClient, changes, ensure, is_one_of, may_ensure, parse_client_id,
    },
    store::{
        clients::{self, Client},
        schema::{audit_events, blocked_statuses},
        statuses::{Revocation, StatusIndex},
    },
};
use diesel::prelude::*;
use shared_service::{
    Ids,
    database::{DbConnection, Store},
};

use crate::{ACTORS, Database, Failure, NOW, POOL, migrated, run, together};

fn at(now: i64) -> Occasion {
    Occasion {
        ids: Ids::new(),
        now_ms: now * 1000,
        revocation: Revocation { now, until: now + 360 },
        recorder: Recorder::command_line(now * 1000),
    }
}

pub(crate) fn occasion() -> Occasion {
    at(NOW)
}

pub(crate) fn secret() -> Secret {
    Secret::random().unwrap()
}

pub(crate) fn scopes(text: &str) -> ClientScopes {
    ClientScopes::parse(text).unwrap()
}

pub(crate) fn new(name: &str) -> NewClient {
    NewClient { id: None, name: ClientName::parse(name).unwrap(), scopes: scopes("a b") }
}

pub(crate) fn wanted(name: &str, id: Option<&str>) -> WantedClient {
    WantedClient {
        name: ClientName::parse(name).unwrap(),
        scopes: Some(scopes("a b")),
        id: id.map(Into::into),
    }
}

pub(crate) fn with_client() -> (Database, Client) {
    let database = migrated();
    let client = run(&database.store(POOL), |c| Ok(changes::add(c, new("billing"), &secret(), &occasion())?));
    (database, client.unwrap())
}

fn live(store: &Store, id: &str) -> usize {
    run(store, |c| Ok(clients::secrets(c, id)?)).unwrap().len()
}

fn is_good(store: &Store, id: &str, secret: &Secret) -> bool {
    is_one_of(secret.expose(), &run(store, |c| Ok(clients::secrets(c, id)?)).unwrap())
}

pub(crate) fn blocked(store: &Store) -> BTreeSet<(i64, i64)> {
    let columns = (blocked_statuses::status_list, blocked_statuses::status_idx);
    let rows: Vec<_> = run(store, |c| Ok(blocked_statuses::table.select(columns).load(c)?)).unwrap();
    rows.into_iter().collect()
}

pub(crate) fn place(status: StatusIndex) -> (i64, i64) {
    (status.list, status.idx)
}

fn recorded(store: &Store) -> Vec<String> {
    let events = audit_events::table.order(audit_events::id).select(audit_events::event);
    run(store, |c| Ok(events.load(c)?)).unwrap()
}

fn of_addition(event: &str) -> bool {
    matches!(event, "client_created" | "client_secret_added")
}

/// As the command does it: whoever was overtaken by somebody who made the client tries again.
fn wish_together(database: &Database, secret: fn() -> Secret) -> Vec<(Client, Vec<Done>)> {
    let wish = move |c: &mut DbConnection| Ok(ensure(c, &wanted("billing", None), &secret(), &occasion())?);
    let outcomes = together(database, move |_, c| wish(c));
    let again = |failure| match failure {
        Failure::Ensure(EnsureError::Change(ClientChangeError::NameTaken)) => {
            run(&database.store(POOL), wish)
        }
        other => Err(other),
    };
    outcomes.into_iter().map(|outcome| outcome.or_else(again).unwrap()).collect()
}

/// Always the same one.
fn shared_secret() -> Secret {
    Secret::parse("dGhlIHNlY3JldCBpbiB0aGUgc2hhcmVkIGZpbGUhISE").unwrap()
}

#[test]
fn of_parallel_additions_of_a_secret_one_is_the_second_and_there_is_no_third() {
    let (database, client) = with_client();
    let id = client.id.clone();
    let outcomes = together(&database, move |_, c| Ok(changes::add_secret(c, &id, &secret(), &occasion())?));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, Failure::Client(ClientChangeError::TwoSecrets)), "{refused}");
    }
    assert_eq!(live(&database.store(POOL), &client.id), 2);
}

#[test]
fn of_parallel_endings_of_the_older_secret_one_ends_it_and_the_newer_lives() {
    let (database, client) = with_client();
    let (store, newer, id) = (database.store(POOL), secret(), client.id.clone());
    run(&store, |c| Ok(changes::add_secret(c, &id, &newer, &occasion())?)).unwrap();
    let outcomes = together(&database, move |_, c| Ok(changes::end_older_secret(c, &id, &occasion())?));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, Failure::Client(ClientChangeError::LastSecret)), "{refused}");
    }
    assert!(live(&store, &client.id) == 1 && is_good(&store, &client.id, &newer));
}

#[test]
fn parallel_replacements_of_the_oldest_secret_leave_as_many_as_there_were() {
    let (database, client) = with_client();
    let (store, id) = (database.store(POOL), client.id.clone());
    let replace = move |n, c: &mut _| {
        Ok(if n == 0 {
            changes::add_secret(c, &id, &secret(), &occasion())?
        } else {
            changes::replace_oldest_secret(c, &id, &secret(), &occasion())?
        })
    };
    let outcomes = together(&database, replace);
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(live(&store, &client.id), 2);
}

#[test]
fn the_secret_that_was_added_later_is_the_newer_one_whatever_the_clocks_say() {
    let (database, client) = with_client();
    let (store, later) = (database.store(POOL), secret());
    // By an instance whose clock is an hour behind.
    run(&store, |c| Ok(changes::add_secret(c, &client.id, &later, &at(NOW - 3600))?)).unwrap();
    run(&store, |c| Ok(changes::end_older_secret(c, &client.id, &occasion())?)).unwrap();
    assert!(is_good(&store, &client.id, &later));
}

#[test]
fn of_parallel_additions_of_one_name_one_succeeds() {
    let database = migrated();
    let outcomes = together(&database, |_, c| Ok(changes::add(c, new("billing"), &secret(), &occasion())?));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.into_iter().filter_map(Result::err) {
        assert!(matches!(refused, Failure::Client(ClientChangeError::NameTaken)), "{refused}");
    }
    let store = database.store(POOL);
    assert_eq!(run(&store, |c| Ok(clients::all(c)?)).unwrap().len(), 1);
    // What was refused has not been recorded either.
    assert_eq!(recorded(&store), ["client_created", "client_secret_added"]);
}

#[test]
fn whatever_ends_tokens_blocks_their_place_and_nothing_else_does() {
    let (database, client) = with_client();
    let (store, occasion) = (database.store(POOL), occasion());
    let default = ClientChange::default;
    let scopes = |text| ClientChange { scopes: Some(scopes(text)), ..default() };
    let active = |is_active| ClientChange { is_active: Some(is_active), ..default() };
    let name = ClientChange { name: Some(ClientName::parse("payments").unwrap()), ..default() };
    let cases = [
        (scopes("b a"), false),
        (scopes("a"), true),
        (name.clone(), false),
        (name, false),
        (active(true), false),
        (active(false), true),
        (active(false), false),
        (active(true), false),
        (scopes(""), true),
        (default(), false),
    ];
    for (change, revokes) in cases {
        let (before, old) = (blocked(&store), run(&store, |c| Ok(clients::find(c, &client.id)?)));
        let old = place(old.unwrap().unwrap().status());
        let after = run(&store, |c| Ok(changes::change(c, &client.id, &change, &occasion)?)).unwrap();
        let expected = if revokes { &before | &BTreeSet::from([old]) } else { before };
        assert_eq!(blocked(&store), expected, "{change:?}");
        // A place that was revoked is never the client's again.
        assert_eq!(place(after.status()) != old, revokes, "{change:?}");
        assert!(!expected.contains(&place(after.status())), "{change:?}");
    }
    let old = run(&store, |c| Ok(changes::remove(c, &client.id, &occasion)?)).unwrap();
    assert!(blocked(&store).contains(&place(old.status())));
    let again = run(&store, |c| Ok(changes::remove(c, &client.id, &occasion)?));
    assert!(matches!(again, Err(Failure::Client(ClientChangeError::NotFound))), "{again:?}");
    let events: Vec<String> = recorded(&store).into_iter().filter(|event| !of_addition(event)).collect();
    let expected = [
        "client_changed",
        "client_changed",
        "client_deactivated",
        "client_activated",
        "client_changed",
        "client_deleted",
    ];
    assert_eq!(events, expected);
}

#[test]
fn changes_that_come_at_once_each_block_the_place_of_the_one_before() {
    let (database, client) = with_client();
    let id = client.id.clone();
    let outcomes = together(&database, move |n, c| {
        let change = ClientChange { scopes: Some(scopes(&format!("s{n}"))), ..ClientChange::default() };
        Ok(changes::change(c, &id, &change, &occasion())?)
    });
    let places: BTreeSet<_> = outcomes.into_iter().map(|outcome| place(outcome.unwrap().status())).collect();
    let store = database.store(POOL);
    let now = run(&store, |c| Ok(clients::find(c, &client.id)?)).unwrap().unwrap();
    let mut all = &places | &BTreeSet::from([place(client.status())]);
    assert!(all.len() == ACTORS + 1 && all.remove(&place(now.status())));
    assert_eq!(blocked(&store), all);
}

#[test]
fn the_name_of_a_removed_client_is_free_and_its_id_is_not() {
    let (database, client) = with_client();
    let store = database.store(POOL);
    run(&store, |c| Ok(changes::remove(c, &client.id, &occasion())?)).unwrap();
    let reborn = wanted("billing", Some(&client.id));
    let refused = run(&store, |c| Ok(ensure(c, &reborn, &secret(), &occasion())?));
    assert!(matches!(refused, Err(Failure::Ensure(EnsureError::IdUsed))), "{refused:?}");
    let newcomer = run(&store, |c| Ok(changes::add(c, new("billing"), &secret(), &occasion())?)).unwrap();
    assert_ne!(newcomer.id, client.id);
}

#[test]
fn those_who_want_the_same_client_with_the_same_secret_at_once_get_one_with_one() {
    let database = migrated();
    let outcomes = wish_together(&database, shared_secret);
    assert_eq!(outcomes.iter().map(|(client, _)| &client.id).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(outcomes.iter().filter(|(_, done)| *done == [Done::Made]).count(), 1);
    assert_eq!(outcomes.iter().filter(|(_, done)| done.is_empty()).count(), ACTORS - 1);
    assert_eq!(live(&database.store(POOL), &outcomes[0].0.id), 1);
}

#[test]
fn those_who_want_the_same_client_with_secrets_of_their_own_get_one_with_two() {
    let database = migrated();
    let outcomes = wish_together(&database, secret);
    assert_eq!(outcomes.iter().map(|(client, _)| &client.id).collect::<BTreeSet<_>>().len(), 1);
    let ended = |(_, done): &&(Client, Vec<Done>)| done.contains(&Done::OlderSecretEnded);
    assert_eq!(outcomes.iter().filter(ended).count(), ACTORS - 2);
    assert_eq!(live(&database.store(POOL), &outcomes[0].0.id), 2);
}

#[test]
fn a_wish_that_is_refused_changes_nothing() {
    let (database, client) = with_client();
    let store = database.store(POOL);
    let other = run(&store, |c| Ok(changes::add(c, new("other"), &secret(), &occasion())?)).unwrap();
    let off = ClientChange { is_active: Some(false), ..ClientChange::default() };
    run(&store, |c| Ok(changes::change(c, &other.id, &off, &occasion())?)).unwrap();
    let before = recorded(&store);
    for wish in
        [wanted("billing", Some(&other.id)), wanted("other", None), wanted("newcomer", Some(&client.id))]
    {
        let looked = run(&store, |c| Ok(may_ensure(c, &wish)?));
        let tried = run(&store, |c| Ok(ensure(c, &wish, &secret(), &occasion())?));
        assert!(matches!(looked, Err(Failure::Ensure(_))), "{wish:?}: {looked:?}");
        assert!(matches!(tried, Err(Failure::Ensure(_))), "{wish:?}: {tried:?}");
    }
    assert_eq!(recorded(&store), before);
    assert_eq!(live(&store, &client.id) + live(&store, &other.id), 2);
}

#[test]
fn a_client_gets_the_id_that_was_chosen_for_it() {
    let database = migrated();
    let id = "svc_0192f0c123457000800000000000abcd";
    assert!(parse_client_id(id).is_some());
    let made =
        run(&database.store(POOL), |c| Ok(ensure(c, &wanted("billing", Some(id)), &secret(), &occasion())?));
    assert_eq!(made.unwrap().0.id, id);
}

#[test]
fn replacing_all_secrets_ends_each_that_was_live_whichever_has_leaked() {
    let (database, client) = with_client();
    let (store, leaked, new) = (database.store(POOL), secret(), secret());
    run(&store, |c| Ok(changes::add_secret(c, &client.id, &leaked, &occasion())?)).unwrap();
    run(&store, |c| Ok(changes::replace_secrets(c, &client.id, &new, &occasion())?)).unwrap();
    assert!(!is_good(&store, &client.id, &leaked) && is_good(&store, &client.id, &new));
    assert_eq!(live(&store, &client.id), 1);
    let ended = recorded(&store).into_iter().filter(|event| event == "client_secret_ended").count();
    assert_eq!(ended, 2);
}

#[test]
fn no_deployment_revives_a_secret_however_it_was_ended() {
    type End = fn(&mut DbConnection, &str) -> Result<Client, ClientChangeError>;
    let ends: [End; 4] = [
        |c, id| {
            changes::add_secret(c, id, &secret(), &occasion())?;
            changes::end_older_secret(c, id, &occasion())
        },
        |c, id| changes::replace_secrets(c, id, &secret(), &occasion()),
        |c, id| changes::replace_oldest_secret(c, id, &secret(), &occasion()),
        |c, id| changes::remove(c, id, &occasion()),
    ];
    for (n, end) in ends.into_iter().enumerate() {
        let (database, client) = with_client();
        let (store, ended) = (database.store(POOL), shared_secret());
        run(&store, |c| Ok(changes::replace_secrets(c, &client.id, &ended, &occasion())?)).unwrap();
        run(&store, |c| Ok(end(c, &client.id)?)).unwrap();
        let before = recorded(&store);
        // As the client it was of, and as another one.
        for name in ["billing", "other"] {
            let tried = run(&store, |c| Ok(ensure(c, &wanted(name, None), &ended, &occasion())?));
            assert!(matches!(tried, Err(Failure::Ensure(EnsureError::SecretEnded))), "{n}: {tried:?}");
        }
        assert_eq!(recorded(&store), before);
        let another = run(&store, |c| Ok(ensure(c, &wanted("billing", None), &secret(), &occasion())?));
        assert!(another.is_ok(), "{n}: {another:?}");
    }
}

#[test]
fn a_secret_that_had_to_make_room_is_told_so_and_does_not_push_out_another() {
    let database = migrated();
    let (store, secrets) = (database.store(POOL), [secret(), secret(), secret()]);
    let wish = |secret| run(&store, |c| Ok(ensure(c, &wanted("billing", None), secret, &occasion())?));
    let clients = secrets.each_ref().map(|secret| wish(secret).unwrap().0);
    assert!(matches!(wish(&secrets[0]), Err(Failure::Ensure(EnsureError::SecretEnded))));
    assert!(wish(&secrets[1]).unwrap().1.is_empty() && wish(&secrets[2]).unwrap().1.is_empty());
    assert_eq!(live(&store, &clients[0].id), 2);
}
