//! The command line: what it does, what it prints, and with which exit code it refuses.

use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    process::{Command, Output, Stdio},
};

use test_servers::Database;

const PASSWORD: &str = "correct horse battery";

/// Where the program is run: a folder, and a database.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    pub(crate) database: Database,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: Database::empty() }
    }

    pub(crate) fn without_database() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: Database::unmade() }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// How many files the program has left in the folder.
    fn count_files(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count()
    }

    pub(crate) fn run(&self, arguments: &[&str], settings: &[(&str, &str)], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
            .args(arguments)
            .env_clear()
            .env("AUTH__DATABASE__URL", self.database.url())
            .env("AUTH__KEYS__DIR", self.path("keys"))
            .env("AUTH__LISTEN", "127.0.0.1:0")
            .env("AUTH__PASSWORDS__BCRYPT_COST", "10")
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses its settings does not read its input.
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        child.wait_with_output().unwrap()
    }

    pub(crate) fn ok(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, &[], input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn refused(&self, arguments: &[&str], input: &str) -> String {
        let output = self.run(arguments, &[], input);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn a_bad_setting_stops_the_start_with_one_line_and_exit_code_2() {
    let place = Place::new();
    let cases = [
        ("AUTH__TOKENS__ACCESS_TTL", "soon", "AUTH__TOKENS__ACCESS_TTL=5m"),
        ("AUTH__PASSWORDS__BCRYPT_COST", "4", "from 10 to 16"),
        ("AUTH__ISSUER", "http://localhost:8081/", "without a slash"),
        ("AUTH__CORS__ALLOWED_ORIGINS", "*", "exact origins"),
        ("AUTH__DATABASE__URL", "oracle://somewhere/x", "sqlite://data/auth.db"),
        ("AUTH__LISTEN", "localhost", "AUTH__LISTEN=127.0.0.1:8081"),
        ("AUTH__KEYS__ROTATE_EVERY", "5m", "keys.publish_ahead"),
        ("AUTH__SESSIONS__IDLE_TTL", "40d", "sessions.ttl"),
        ("AUTH__STATUS_LIST__TTL", "999ms", "at least 1s"),
        ("AUTH__STATUS_LIST__TTL", "25h", "at most 1d"),
        ("AUTH__NONSENSE", "x", "nonsense"),
        ("AUTH__AUDIT__RETENTION", "23h", "at least 1d"),
        ("AUTH__AUDIT__RETENTION", "forever", "90s, 5m, 30d"),
        ("AUTH__TRUSTED_PROXIES", "10.0.0.0/8,proxy", "10.0.0.7 or 10.0.0.0/8"),
        ("AUTH__TRUSTED_PROXIES", "0.0.0.0/0", "everybody"),
        ("AUTH__TRUSTED_PROXIES", "::/0", "everybody"),
        ("AUTH__LIMITS__LOGIN", "often", "AUTH__LIMITS__LOGIN=60/1m"),
        ("AUTH__LIMITS__STATUS_LISTS", "0/1m", "AUTH__LIMITS__STATUS_LISTS=6000/1m"),
        ("AUTH__BOOTSTRAP__ADMIN_USERNAME", "root", "AUTH__BOOTSTRAP__ADMIN_PASSWORD: is missing"),
        ("AUTH__SIGNUP", "closed", "neither open nor off"),
        ("AUTH__ROLES__USER", "a\"b", "user"),
    ];
    for (name, value, told) in cases {
        let output = place.run(&["serve"], &[(name, value)], "");
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}={value}: {line}");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains("AUTH__") && line.contains(told), "{name}={value}: {line}");
    }
}

#[test]
fn config_check_prints_the_effective_settings_and_hides_secrets() {
    let place = Place::new();
    let file = place.path("settings.toml");
    std::fs::write(&file, "[tokens]\naccess_ttl = \"1m\"\n").unwrap();
    let secret = place.path("secret");
    std::fs::write(&secret, "the admin's password\n").unwrap();
    let settings = [
        ("AUTH__DATABASE__URL", "postgres://user:pa55word@localhost/name"),
        ("AUTH__BOOTSTRAP__ADMIN_USERNAME", "root"),
        ("AUTH__BOOTSTRAP__ADMIN_PASSWORD_FILE", &secret),
    ];
    let output = place.run(&["--config", &file, "config", "check"], &settings, "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("access_ttl = \"1m\""), "{text}");
    assert!(!text.contains("pa55word") && !text.contains("the admin's password"), "{text}");
    assert!(text.contains("postgres://user:hidden@localhost/name") && text.contains("[hidden]"), "{text}");
    let missing = place.run(&["--config", "/nowhere.toml"], &[], "");
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn users_are_added_listed_and_changed() {
    let place = Place::new();
    place.ok(&["users", "add", "Alice", "--role", "admin", "--role", "user", "--password-stdin"], PASSWORD);
    let file = place.path("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    place.ok(&["users", "add", "bobby", "--email", "b@example.org", "--password-file", &file], "");
    let list = place.ok(&["users", "list"], "");
    let lines: Vec<&str> = list.lines().collect();
    assert!(
        lines[0].starts_with("Alice admin,user active ") && lines[1].starts_with("bobby user active "),
        "{list}"
    );
    place.ok(&["users", "set-roles", "bobby", "admin"], "");
    place.ok(&["users", "set-roles", "ALICE", "user"], "");
    let list = place.ok(&["users", "list"], "");
    assert!(list.contains("Alice user active") && list.contains("bobby admin active"), "{list}");
    place.ok(&["users", "set-roles", "alice", "admin"], "");
    place.ok(&["users", "set-roles", "bobby", "user"], "");
    place.ok(&["users", "deactivate", "bobby"], "");
    assert!(place.ok(&["users", "list"], "").contains("bobby user inactive"));
    place.ok(&["users", "activate", "bobby"], "");
    assert!(place.ok(&["users", "list"], "").contains("bobby user active"));
}

#[test]
fn what_cannot_be_done_is_told_and_nothing_changes() {
    let place = Place::new();
    place.ok(&["users", "add", "alice", "--password-stdin"], PASSWORD);
    let add =
        |name: &str, password: &str| place.refused(&["users", "add", name, "--password-stdin"], password);
    assert!(add("ALICE", PASSWORD).contains("there is a user ALICE already"));
    assert!(add("x", PASSWORD).contains("3 to 32"));
    assert!(add("carol", "short").contains("at least 8"));
    assert!(place.refused(&["users", "set-roles", "nobody", "user"], "").contains("there is no user nobody"));
    assert!(
        place.refused(&["users", "set-roles", "alice", "Not A Role"], "").contains("not the name of a role")
    );
    assert_eq!(place.ok(&["users", "list"], "").lines().count(), 1);
    let no_password = place.run(&["users", "add", "carol"], &[], "");
    assert_eq!(no_password.status.code(), Some(2), "{no_password:?}");
}

#[test]
fn the_last_active_administrator_stays_one() {
    let place = Place::new();
    for name in ["root", "other"] {
        place.ok(&["users", "add", name, "--role", "admin", "--password-stdin"], PASSWORD);
    }
    place.ok(&["users", "deactivate", "other"], "");
    let before = place.ok(&["users", "list"], "");
    for command in [&["users", "set-roles", "root", "user"][..], &["users", "deactivate", "root"]] {
        let told = place.refused(command, "");
        assert!(told.contains("the last active administrator"), "{told}");
        assert_eq!(place.ok(&["users", "list"], ""), before);
    }
    // What leaves him an administrator may be done, and so may anything once there is another.
    place.ok(&["users", "set-roles", "root", "admin", "user"], "");
    place.ok(&["users", "set-password", "root", "--password-stdin"], PASSWORD);
    place.ok(&["users", "activate", "other"], "");
    place.ok(&["users", "deactivate", "root"], "");
    assert!(place.refused(&["users", "set-roles", "other", "user"], "").contains("administrator"));
}

#[test]
fn a_password_that_is_easy_to_guess_is_obeyed_with_a_warning() {
    let place = Place::new();
    let output = place.run(&["users", "add", "alice", "--password-stdin"], &[], "Happy123");
    assert!(output.status.success());
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(warning.contains("easy to guess") && !warning.contains("Happy123"), "{warning}");
}

#[test]
fn the_database_is_created_migrated_dropped_and_its_state_told() {
    let place = Place::without_database();
    assert!(place.ok(&["db", "create"], "").contains("created "));
    assert!(place.refused(&["db", "create"], "").contains("exists"));
    assert!(place.ok(&["db", "migrate"], "").contains("nothing to migrate"));
    let status = place.ok(&["db", "status"], "");
    assert!(status.starts_with("applied 2026-11-21-000000_accounts_and_sessions"), "{status}");
    assert!(place.refused(&["db", "drop"], "").contains("--yes"));
    assert!(place.database.is_made(), "dropped without being sure");
    place.ok(&["db", "drop", "--yes"], "");
    assert!(!place.database.is_made());
}

#[test]
fn looking_for_users_or_keys_in_the_wrong_place_makes_none() {
    let place = Place::without_database();
    for command in
        [&["users", "list"][..], &["users", "deactivate", "alice"], &["db", "status"], &["db", "restored"]]
    {
        let told = place.refused(command, "");
        assert!(
            told.contains("db create") || told.contains("is this the right folder"),
            "{command:?}: {told}"
        );
    }
    assert!(!place.database.is_made());
    for command in [&["keys", "list"][..], &["keys", "rotate"], &["keys", "revoke", "x"]] {
        assert!(place.refused(command, "").contains("there is no folder"), "{command:?}");
    }
    assert_eq!(place.count_files(), 0);
}

#[test]
fn a_first_administrator_who_cannot_be_is_refused_before_anything_is_made() {
    let place = Place::without_database();
    for (name, password, told) in [("x", PASSWORD, "ADMIN_USERNAME"), ("root", "short", "ADMIN_PASSWORD")] {
        let settings =
            [("AUTH__BOOTSTRAP__ADMIN_USERNAME", name), ("AUTH__BOOTSTRAP__ADMIN_PASSWORD", password)];
        for command in [&["serve"][..], &["config", "check"]] {
            let output = place.run(command, &settings, "");
            let line = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.code() == Some(2) && line.contains(told), "{line}");
        }
    }
    assert!(!place.database.is_made());
    assert_eq!(place.count_files(), 0);
}

#[test]
fn a_key_folder_that_others_may_write_to_is_refused_with_the_fix() {
    let place = Place::new();
    std::fs::create_dir(place.path("keys")).unwrap();
    std::fs::set_permissions(place.path("keys"), std::fs::Permissions::from_mode(0o777)).unwrap();
    let told = place.refused(&["serve"], "");
    assert!(told.contains("chmod go-w"), "{told}");
}

#[test]
fn a_port_in_use_is_told() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = place.run(&["serve"], &[("AUTH__LISTEN", &address)], "");
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && line.contains(&address), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

#[test]
fn health_fails_when_nothing_listens() {
    let place = Place::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let output = place.run(&["health"], &[("AUTH__LISTEN", &free)], "");
    assert_eq!(output.status.code(), Some(1));
}

/// A server that is stopped when the test ends, whatever happens.
pub(crate) struct Running(pub(crate) std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn the_first_administrator_is_made_once_and_sigterm_ends_with_exit_code_0() {
    let place = Place::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let serve = || {
        let child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
            .env_clear()
            .env("AUTH__LISTEN", &free)
            .env("AUTH__DATABASE__URL", place.database.url())
            .env("AUTH__KEYS__DIR", place.path("keys"))
            .env("AUTH__PASSWORDS__BCRYPT_COST", "10")
            .env("AUTH__BOOTSTRAP__ADMIN_USERNAME", "root")
            .env("AUTH__BOOTSTRAP__ADMIN_PASSWORD", PASSWORD)
            .stderr(Stdio::null())
            .spawn();
        let mut running = Running(child.unwrap());
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !place.run(&["health"], &[("AUTH__LISTEN", &free)], "").status.success() {
            assert!(std::time::Instant::now() < deadline, "the server did not start");
            assert!(running.0.try_wait().unwrap().is_none(), "the server ended");
        }
        running
    };
    for _ in 0..2 {
        let mut running = serve();
        let list = place.ok(&["users", "list"], "");
        assert!(list.lines().count() == 1 && list.starts_with("root admin,user active"), "{list}");
        let pid = rustix::process::Pid::from_child(&running.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert_eq!(running.0.wait().unwrap().code(), Some(0));
    }
}
