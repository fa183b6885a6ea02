//! `keys list`, `keys rotate`, `keys revoke`: with servers that run, and without any.

use std::{
    fs::Permissions,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use auth_server::{
    config::Config,
    tokens::{KeyFolder, Keys},
};

use crate::cli::{Place, Running};

/// A user without any rights.
const NOBODY: u32 = 65_534;

/// Makes the keys, as the first start does.
fn make_keys(place: &Place) {
    let folder = KeyFolder::open(place.path("keys").as_ref()).unwrap();
    let rotation = Config::load(None, []).unwrap().rotation();
    Keys::open(folder, rotation, shared_claims::Clock::system()).unwrap();
}

/// The columns of `keys list`: id, state, from when, what.
fn list(place: &Place) -> Vec<[String; 4]> {
    let text = place.ok(&["keys", "list"], "");
    let columns = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut word = || words.next().unwrap();
        let first = [word(), word(), word()];
        let [id, state, from] = first;
        [id, state, from, words.collect::<Vec<_>>().join(" ")]
    };
    text.lines().map(columns).collect()
}

fn seconds(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_second()
}

#[test]
fn keys_are_listed_without_anything_private_and_unchanged() {
    let place = Place::new();
    make_keys(&place);
    let listed = list(&place);
    let told: Vec<_> = listed.iter().map(|[_, state, _, what]| (what.as_str(), state.as_str())).collect();
    assert_eq!(
        told,
        [
            ("signing key", "active"),
            ("signing key", "next"),
            ("refresh secret", "active"),
            ("refresh secret", "next")
        ]
    );
    assert!(listed[..2].iter().all(|[id, ..]| id.len() == 43));
    assert!(listed[2..].iter().all(|[id, ..]| id.len() == 16));
    assert_eq!(seconds(&listed[1][2]) - seconds(&listed[0][2]), 30 * 24 * 3600);
    assert_eq!(listed, list(&place));
}

#[test]
fn a_key_that_waits_for_a_hand_is_listed_so() {
    let place = Place::new();
    make_keys(&place);
    std::fs::remove_dir_all(place.path("keys")).unwrap();
    std::fs::create_dir(place.path("keys")).unwrap();
    let off = [("AUTH__KEYS__ROTATE_EVERY", "off")];
    assert!(place.run(&["keys", "rotate"], &off, "").status.success());
    assert!(place.run(&["keys", "revoke", &list(&place)[1][0]], &off, "").status.success());
    let text = String::from_utf8(place.run(&["keys", "list"], &off, "").stdout).unwrap();
    assert!(text.lines().nth(1).unwrap().contains(" next    by hand "), "{text}");
}

#[test]
fn a_rotation_tells_when_it_takes_effect_and_a_second_one_changes_nothing() {
    let place = Place::new();
    make_keys(&place);
    let before = list(&place);
    let told = place.ok(&["keys", "rotate"], "");
    let after = list(&place);
    assert_eq!(told.lines().count(), 2, "{told}");
    for (line, at) in told.lines().zip([1, 3]) {
        let [id, state, from, what] = &after[at];
        assert_eq!((id, state.as_str()), (&before[at][0], "next"));
        assert_eq!(line, format!("the {what} {id} comes into use at {from}"));
        let ahead = seconds(from) - seconds(&before[0][2]);
        assert!((3600..3660).contains(&ahead), "{ahead}");
    }
    let again = place.ok(&["keys", "rotate"], "");
    assert!(again.lines().all(|line| line.ends_with("as it was planned already")), "{again}");
    assert_eq!(list(&place), after);
}

#[test]
fn a_revocation_tells_what_it_did() {
    let place = Place::new();
    make_keys(&place);
    let before = list(&place);
    for (active, what) in [(0, "signing key"), (2, "refresh secret")] {
        let (id, next) = (&before[active][0], &before[active + 1][0]);
        let told = place.ok(&["keys", "revoke", id], "");
        assert!(told.contains(&format!("revoked the {what} {id}, which was active")), "{told}");
        assert!(told.contains(&format!("{next} is in use from now on")), "{told}");
        let after = list(&place);
        assert!(after.iter().all(|[other, ..]| other != id));
        assert_eq!((&after[active][0], after[active][1].as_str()), (next, "active"));
        assert_eq!(after.len(), 4);
    }
    let after = list(&place);
    for unknown in ["nonsense", "-nonsense"] {
        let told = place.refused(&["keys", "revoke", unknown], "");
        assert!(told.contains(unknown) && after.iter().all(|[id, ..]| told.contains(id)), "{told}");
    }
    assert_eq!(list(&place), after);
}

#[test]
fn a_schedule_that_verifiers_could_not_follow_is_refused_with_the_least_that_works() {
    let place = Place::new();
    let check = |every: &str| {
        let settings = [
            ("AUTH__TOKENS__ACCESS_TTL", "30m"),
            ("AUTH__KEYS__PUBLISH_AHEAD", "3s"),
            ("AUTH__KEYS__ROTATE_EVERY", every),
        ];
        place.run(&["config", "check"], &settings, "")
    };
    // 30m of an access token, 2 × 5s of a status list, 1s of max-age, twice 10s between clocks: 1831 seconds.
    let refused = check("4s");
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.status.code() == Some(2) && told.lines().count() == 1, "{told}");
    assert!(told.contains("AUTH__KEYS__ROTATE_EVERY: must be at least 5s"), "{told}");
    assert!(check("5s").status.success());
}

/// Runs the program as somebody who may read the folder and not change it.
fn run_read_only(place: &Place, arguments: &[&str]) -> Output {
    let folder = place.path("keys");
    // Others than us may not be let into the folder where the program was built.
    let program = place.path("program");
    std::fs::copy(env!("CARGO_BIN_EXE_auth-server"), &program).unwrap();
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("AUTH__KEYS__DIR", &folder);
    if rustix::process::geteuid().is_root() {
        std::fs::set_permissions(place.path("."), Permissions::from_mode(0o755)).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let file = entry.unwrap().path();
            chown(&file, None, Some(NOBODY)).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        }
        command.uid(NOBODY).gid(NOBODY);
    } else {
        std::fs::set_permissions(&folder, Permissions::from_mode(0o500)).unwrap();
    }
    command.output().unwrap()
}

#[test]
fn a_folder_that_we_may_only_read_is_listed_and_not_changed() {
    let place = Place::new();
    make_keys(&place);
    let before = list(&place);
    let listed = run_read_only(&place, &["keys", "list"]);
    assert!(listed.status.success(), "{listed:?}");
    assert!(String::from_utf8(listed.stdout).unwrap().starts_with(&before[0][0]));
    for command in [&["keys", "rotate"][..], &["keys", "revoke", &before[0][0]]] {
        let refused = run_read_only(&place, command);
        let told = String::from_utf8(refused.stderr).unwrap();
        assert!(refused.status.code() == Some(1) && told.contains("managed from outside"), "{told}");
    }
    std::fs::set_permissions(place.path("keys"), Permissions::from_mode(0o700)).unwrap();
    for entry in std::fs::read_dir(place.path("keys")).unwrap() {
        std::fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(list(&place), before);
}

#[test]
fn a_running_server_notices_a_revocation_within_about_a_second() {
    let place = Place::new();
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .env_clear()
        .env("AUTH__LISTEN", &address)
        .env("AUTH__DATABASE__URL", place.database.url())
        .env("AUTH__KEYS__DIR", place.path("keys"))
        .stderr(Stdio::null())
        .spawn();
    let _running = Running(child.unwrap());
    let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let published = |kid: &str| {
        let answer = http.get(format!("http://{address}/.well-known/jwks.json")).send().ok()?;
        Some(answer.text().ok()?.contains(kid))
    };
    let wait_for = |what: &str, done: &dyn Fn() -> bool| {
        let since = Instant::now();
        while !done() {
            assert!(since.elapsed() < Duration::from_secs(30), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
        since.elapsed()
    };
    wait_for("the server does not start", &|| published("").is_some());
    let listed = list(&place);
    let (active, next) = (&listed[0][0], &listed[1][0]);
    assert_eq!((published(active), published(next)), (Some(true), Some(true)));
    place.ok(&["keys", "revoke", active], "");
    let took = wait_for("the revoked key is still published", &|| published(active) == Some(false));
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(published(next), Some(true));
}

#[test]
fn what_was_done_to_a_key_is_told_also_when_no_next_one_can_be_made() {
    let place = Place::new();
    make_keys(&place);
    let next = list(&place).into_iter().find(|[_, state, _, what]| state == "next" && what == "signing key");
    let [next, ..] = next.unwrap();
    // As on a full disk, nothing can be written to a file.
    let program = env!("CARGO_BIN_EXE_auth-server");
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {program} keys revoke {next}");
    let output =
        Command::new("sh").args(["-c", &script]).current_dir(place.path("")).env_clear().output().unwrap();
    let (told, error) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(told.contains(&format!("revoked the signing key {next}")), "{told}{error}");
    assert!(error.contains("that is done, but"), "{error}");
    // The next start, or the next command, completes the folder.
    place.ok(&["keys", "rotate"], "");
    let states: Vec<_> = list(&place).into_iter().filter(|key| key[3] == "signing key").collect();
    assert!(
        states.iter().any(|key| key[1] == "next") && states.iter().all(|key| key[0] != next),
        "{states:?}"
    );
}
