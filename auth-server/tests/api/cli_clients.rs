//! `auth-server clients …`: what it does and prints, and what `ensure` leaves behind whatever came before.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use auth_server::{
    clients::{Secret, is_one_of, parse_client_id},
    store::{
        clients::{self, Client},
        schema::{audit_events, client_secrets},
    },
};
use diesel::prelude::*;
use shared_service::database::DbConnection;

use crate::cli::Place;

const ENSURE: [&str; 5] = ["clients", "ensure", "billing", "--scope", "users:read"];

impl Place {
    pub(crate) fn read<T>(&self, query: impl FnOnce(&mut DbConnection) -> QueryResult<T>) -> T {
        let store = self.database.store(1);
        store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(query(c)?)).unwrap()
    }

    pub(crate) fn client(&self, name: &str) -> Client {
        self.read(|c| clients::find_by_name(c, name)).unwrap()
    }

    pub(crate) fn live_secrets(&self, name: &str) -> usize {
        let id = self.client(name).id;
        self.read(|c| clients::secrets(c, &id)).len()
    }

    pub(crate) fn is_good(&self, name: &str, secret: &str) -> bool {
        let id = self.client(name).id;
        is_one_of(secret, &self.read(|c| clients::secrets(c, &id)))
    }

    /// Whatever the database has of clients, and of what was done to them.
    fn stored(&self) -> Vec<u8> {
        let hashes: Vec<Vec<u8>> =
            self.read(|c| client_secrets::table.select(client_secrets::secret_hash).load(c));
        let columns = (audit_events::subject_name, audit_events::detail);
        let told: Vec<(Option<String>, Option<String>)> =
            self.read(|c| audit_events::table.select(columns).load(c));
        let clients = self.read(clients::all);
        [hashes.concat(), format!("{clients:?} {told:?}").into_bytes()].concat()
    }

    pub(crate) fn events(&self) -> Vec<(String, String)> {
        let columns = (audit_events::event, audit_events::actor_type);
        self.read(|c| audit_events::table.select(columns).order(audit_events::id).load(c))
    }

    /// Ensures `billing` with these files, or tells what is said against it.
    pub(crate) fn ensure(&self, secret_file: &str, id_file: &str) -> Result<String, String> {
        let (secret_file, id_file) = (self.path(secret_file), self.path(id_file));
        let files = ["--secret-file", &secret_file, "--id-file", &id_file];
        let output = self.run(&[&ENSURE[..], &files].concat(), &[], "");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        match output.status.code() {
            Some(0) => Ok(text(output.stdout) + &text(output.stderr)),
            Some(1) => Err(text(output.stderr)),
            other => panic!("{other:?}: {}", text(output.stderr)),
        }
    }

    /// A secret that somebody else has put there.
    pub(crate) fn put(&self, name: &str, secret: &str) {
        fs::write(self.path(name), secret).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(Path::new(&self.path("x")).parent().unwrap()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

/// What a command printed for a member.
fn printed<'a>(output: &'a str, member: &str) -> &'a str {
    let lines: Vec<&str> =
        output.lines().filter_map(|line| line.strip_prefix(member)?.strip_prefix('=')).collect();
    assert_eq!(lines.len(), 1, "{output}");
    lines[0]
}

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn clients_are_added_listed_changed_and_removed() {
    let place = Place::new();
    let added = place.ok(&["clients", "add", "night shift", "--scope", "b", "--scope", "a"], "");
    let id = printed(&added, "client_id").to_owned();
    assert!(parse_client_id(&id).is_some() && place.is_good("night shift", printed(&added, "client_secret")));
    assert_eq!(place.ok(&["clients", "list"], ""), format!("{id} active a,b night shift\n"));
    place.ok(&["clients", "set-scopes", "night shift", "c d"], "");
    place.ok(&["clients", "rename", &id, "billing"], "");
    place.ok(&["clients", "disable", "billing"], "");
    assert_eq!(place.ok(&["clients", "list"], ""), format!("{id} inactive c,d billing\n"));
    place.ok(&["clients", "enable", &id], "");
    let shown = place.ok(&["clients", "show", "billing"], "");
    assert!(
        shown.contains(&id) && shown.contains("active: yes") && shown.contains("secret made at: "),
        "{shown}"
    );
    place.ok(&["clients", "remove", "billing"], "");
    assert_eq!(place.ok(&["clients", "list"], ""), "");
    let events = place.events();
    assert!(events.iter().all(|(_, actor)| actor == "command_line"), "{events:?}");
    let expected = [
        "client_created",
        "client_secret_added",
        "client_changed",
        "client_changed",
        "client_deactivated",
        "client_activated",
        "client_deleted",
    ];
    assert_eq!(events.iter().map(|(event, _)| event).collect::<Vec<_>>(), expected);
}

#[test]
fn what_cannot_be_done_to_a_client_is_told_and_nothing_changes() {
    let place = Place::new();
    place.ok(&["clients", "add", "billing", "--scope", "a"], "");
    place.ok(&["clients", "add", "payments"], "");
    let before = (place.ok(&["clients", "list"], ""), place.events());
    let long = "x".repeat(65);
    let cases: [(&[&str], &str); 11] = [
        (&["add", "billing"], "there is a client of this name already"),
        (&["add", " billing"], "no blank at either end"),
        (&["add", &long], "1 to 64"),
        (&["add", "new", "--scope", "a\"b"], "the scopes must be names"),
        (&["rename", "billing", "payments"], "there is a client of this name already"),
        (&["set-scopes", "billing", "é"], "the scopes must be names"),
        (&["remove", "nobody"], "there is no client nobody"),
        (&["disable", "svc_0192f0c123457000800000000000abcd"], "there is no client svc_"),
        (&["rotate-secret", "nobody"], "there is no client nobody"),
        (&["end-older-secret", "billing"], "last live secret"),
        (&["rotate-secret", "billing", "--secret-file", "/nowhere/at/all"], "there is no folder /nowhere/at"),
    ];
    for (command, told) in cases {
        let refusal = place.refused(&[&["clients"], command].concat(), "");
        assert!(refusal.contains(told), "{command:?}: {refusal}");
    }
    assert_eq!((place.ok(&["clients", "list"], ""), place.events()), before);
}

#[test]
fn looking_for_clients_in_the_wrong_place_makes_no_database() {
    let place = Place::without_database();
    for command in [&["list"][..], &["show", "x"], &["rotate-secret", "x"], &["remove", "x"]] {
        assert!(place.refused(&[&["clients"], command].concat(), "").contains("db create"), "{command:?}");
    }
    assert!(!place.database.is_made());
}

#[test]
fn a_secret_is_rotated_in_two_steps_or_at_once() {
    let place = Place::new();
    let secret = |output: &str| printed(output, "client_secret").to_owned();
    let rotate = ["clients", "rotate-secret", "billing"];
    let first = secret(&place.ok(&["clients", "add", "billing"], ""));
    let second = secret(&place.ok(&rotate, ""));
    assert!(place.is_good("billing", &first) && place.is_good("billing", &second));
    assert!(place.refused(&rotate, "").contains("end the older one first"));
    place.ok(&["clients", "end-older-secret", "billing"], "");
    assert!(!place.is_good("billing", &first) && place.is_good("billing", &second));
    let told = place.ok(&rotate, "");
    assert!(told.contains("2 secrets are live now"), "{told}");
    // The newer of the two has leaked.
    let leaked = secret(&told);
    let told = place.ok(&[&rotate[..], &["--end-others"]].concat(), "");
    assert!(told.contains("1 secret is live now"), "{told}");
    let last = secret(&told);
    for ended in [&first, &second, &leaked] {
        assert!(!place.is_good("billing", ended));
    }
    assert!(place.is_good("billing", &last));
    assert_eq!(place.live_secrets("billing"), 1);
}

#[test]
fn a_secret_is_shown_to_whoever_asked_for_it_and_kept_nowhere() {
    let place = Place::new();
    let added = place.ok(&["clients", "add", "billing"], "");
    let rotated = place.ok(&["clients", "rotate-secret", "billing"], "");
    place.ensure("secret", "id").unwrap();
    let file = place.file("secret");
    let told = [
        place.ok(&["clients", "list"], ""),
        place.ok(&["clients", "show", "billing"], ""),
        place.ensure("secret", "id").unwrap(),
    ];
    let told = told.concat();
    let stored = place.stored();
    assert!(stored.windows(7).any(|part| part == b"billing"));
    for secret in [printed(&added, "client_secret"), printed(&rotated, "client_secret"), &file] {
        assert!(!told.contains(secret), "{told}");
        assert!(!stored.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}

#[test]
fn a_secret_is_written_to_a_file_instead() {
    let place = Place::new();
    let file = place.path("secret");
    let told = place.ok(&["clients", "add", "billing", "--secret-file", &file], "");
    let first = place.file("secret");
    assert!(place.is_good("billing", &first) && !told.contains(&first) && !told.contains("client_secret"));
    assert_eq!(mode(&file), 0o600);
    let refusal = place.refused(&["clients", "add", "other", "--secret-file", &file], "");
    assert!(refusal.contains("exists already"), "{refusal}");
    assert_eq!(place.file("secret"), first);
    place.ok(&["clients", "rotate-secret", "billing", "--secret-file", &file], "");
    let second = place.file("secret");
    assert!(second != first && place.is_good("billing", &first) && place.is_good("billing", &second));
    place.refused(&["clients", "rotate-secret", "billing", "--secret-file", &file], "");
    assert_eq!(place.file("secret"), second);
    assert_eq!(place.files().len(), 1, "{:?}", place.files());
}

#[test]
fn ensure_makes_what_is_missing_once() {
    let place = Place::new();
    let told = place.ensure("secret", "id").unwrap();
    assert!(told.contains("it is new"), "{told}");
    let (secret, id) = (place.file("secret"), place.file("id"));
    assert!(Secret::parse(&secret).is_ok() && place.is_good("billing", &secret));
    assert_eq!(
        (id.as_str(), place.client("billing").scopes.as_str()),
        (place.client("billing").id.as_str(), "users:read")
    );
    assert_eq!((mode(&place.path("secret")), mode(&place.path("id"))), (0o600, 0o600));
    let before = (place.client("billing"), place.events());
    for _ in 0..2 {
        assert!(place.ensure("secret", "id").unwrap().contains("nothing had to be changed"));
    }
    assert_eq!((place.client("billing"), place.events()), before);
    assert_eq!((place.file("secret"), place.file("id"), place.files().len()), (secret, id, 2));
}

#[test]
fn ensure_heals_what_a_crash_left_behind() {
    // After the secret was written and before the client was made.
    let place = Place::new();
    place.put("secret", &format!("{}\n", Secret::random().unwrap().expose()));
    place.ensure("secret", "id").unwrap();
    assert!(place.is_good("billing", place.file("secret").trim()));
    // After the client was made and before its id was written.
    let (secret, id) = (place.file("secret"), place.file("id"));
    fs::remove_file(place.path("id")).unwrap();
    place.ensure("secret", "id").unwrap();
    assert_eq!((place.file("secret"), place.file("id")), (secret, id));
    // After a secret was written that was to be the second, and the third.
    for live in [2, 2] {
        place.put("secret", Secret::random().unwrap().expose());
        place.ensure("secret", "id").unwrap();
        assert!(place.is_good("billing", &place.file("secret")));
        assert_eq!(place.live_secrets("billing"), live);
    }
    // Between giving a file its name and taking the other one away.
    for left in [".secret.0123456789abcdef", ".id.0123456789abcdef"] {
        place.put(left, &place.file("secret"));
    }
    place.ensure("secret", "id").unwrap();
    assert_eq!(place.files().len(), 2, "{:?}", place.files());
}

#[test]
fn ensure_uses_the_secret_and_the_id_that_were_chosen_beforehand() {
    let place = Place::new();
    let secret = Secret::random().unwrap();
    place.put("secret", secret.expose());
    fs::write(place.path("id"), "svc_0192f0c123457000800000000000abcd\n").unwrap();
    fs::set_permissions(place.path("secret"), fs::Permissions::from_mode(0o644)).unwrap();
    let told = place.ensure("secret", "id").unwrap();
    assert!(told.contains("every user of this machine may read") && told.contains("chmod"), "{told}");
    assert!(place.is_good("billing", secret.expose()));
    assert_eq!(place.client("billing").id, "svc_0192f0c123457000800000000000abcd");
    fs::set_permissions(place.path("secret"), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(!place.ensure("secret", "id").unwrap().contains("warning"));
}

#[test]
fn ensure_sets_exactly_the_scopes_that_are_given_and_leaves_them_without_any() {
    let place = Place::new();
    let file = place.path("secret");
    let ensure = |scopes: &[&str]| {
        let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
        let words: Vec<&str> =
            ["clients", "ensure", "billing", "--secret-file", &file].into_iter().chain(scopes).collect();
        place.ok(&words, "");
        place.client("billing")
    };
    let [both, same, left, one] = [&["b", "a"][..], &["a b"], &[], &["b"]].map(ensure);
    assert_eq!(both.scopes, "a b");
    assert_eq!((&same, &left), (&both, &both));
    assert!(one.scopes == "b" && one.status() != both.status());
}

#[test]
fn ensure_lets_nobody_in_whom_an_administrator_has_switched_off() {
    let place = Place::new();
    place.ensure("secret", "id").unwrap();
    place.ok(&["clients", "disable", "billing"], "");
    place.put("secret", Secret::random().unwrap().expose());
    let before = (place.client("billing"), place.events());
    for file in ["secret", "not-there-yet"] {
        let told = place.ensure(file, "id").unwrap_err();
        assert!(told.contains("switched off") && told.contains("clients enable"), "{told}");
    }
    assert_eq!((place.client("billing"), place.events()), before);
    assert!(!Path::new(&place.path("not-there-yet")).exists());
}

#[test]
fn ensure_refuses_what_cannot_be_and_leaves_no_file_behind() {
    let place = Place::new();
    place.ok(&["clients", "add", "other"], "");
    let removed = printed(&place.ok(&["clients", "add", "gone"], ""), "client_id").to_owned();
    place.ok(&["clients", "remove", "gone"], "");
    let zeros = "A".repeat(43);
    for weak in ["", "password", &zeros, "c2hvcnQ"] {
        place.put("weak", weak);
        let told = place.ensure("weak", "id").unwrap_err();
        assert!(told.contains("openssl rand") && (weak.is_empty() || !told.contains(weak)), "{told}");
    }
    let other = place.client("other").id;
    for (id, told) in
        [(other.as_str(), "another client"), (&removed, "was removed"), ("me", "holds no client_id")]
    {
        fs::write(place.path("id"), id).unwrap();
        let refusal = place.ensure("secret", "id").unwrap_err();
        assert!(refusal.contains(told) && refusal.contains("delete"), "{refusal}");
    }
    let told = place.ensure("missing/secret", "id").unwrap_err();
    assert!(told.contains("there is no folder") && told.contains("make it first"), "{told}");
    assert!(place.ensure("secret", "missing/id").unwrap_err().contains("there is no folder"));
    assert_eq!(place.files().len(), 2, "{:?}", place.files());
    // And of a client that is there, another id.
    fs::remove_file(place.path("id")).unwrap();
    place.ensure("secret", "id").unwrap();
    fs::write(place.path("id"), other).unwrap();
    let told = place.ensure("secret", "id").unwrap_err();
    assert!(told.contains(&place.client("billing").id) && told.contains("delete that file"), "{told}");
    assert_eq!(place.ok(&["clients", "list"], "").lines().count(), 2);
}

/// Several at the same moment, each with the files that `name` gives it.
fn at_once(place: &Place, count: usize, name: impl Fn(usize, &str) -> String + Sync) -> Vec<String> {
    std::thread::scope(|scope| {
        let name = &name;
        let runs: Vec<_> = (0..count)
            .map(|n| scope.spawn(move || place.ensure(&name(n, "secret"), &name(n, "id")).unwrap()))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

#[test]
fn replicas_that_share_a_volume_ensure_one_client_with_one_secret() {
    let place = Place::new();
    let told = at_once(&place, 6, |_, file| file.into());
    assert_eq!(told.iter().filter(|told| told.contains("it is new")).count(), 1, "{told:?}");
    assert!(place.is_good("billing", &place.file("secret")));
    assert_eq!((place.file("id"), place.live_secrets("billing")), (place.client("billing").id, 1));
    assert_eq!(place.files().len(), 2, "{:?}", place.files());
}

#[test]
fn two_replicas_with_volumes_of_their_own_ensure_one_client_with_both_secrets() {
    let place = Place::new();
    at_once(&place, 2, |n, file| format!("{file}-{n}"));
    for n in 0..2 {
        assert!(place.is_good("billing", &place.file(&format!("secret-{n}"))));
        assert_eq!(place.file(&format!("id-{n}")), place.client("billing").id);
    }
}
