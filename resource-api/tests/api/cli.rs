//! The program itself: its commands, its exit codes, its start and its stop.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use test_servers::Database;

/// The program with this database, no settings from this process's environment, and any free port.
fn program(database: &Database) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_resource-api"));
    program.env_clear().env("API__LISTEN", "127.0.0.1:0").env("API__DATABASE__URL", database.url());
    program
}

fn run(program: &mut Command, arguments: &str) -> Output {
    program.args(arguments.split(' ')).output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_bad_setting_stops_the_start_with_one_line_and_exit_code_2() {
    let (database, folder) = (Database::unmade(), tempfile::tempdir().unwrap());
    let missing = folder.path().join("missing.pem");
    let garbage = folder.path().join("garbage.pem");
    std::fs::write(&garbage, "no key").unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    for (name, value) in [
        ("API__LISTEN", "nowhere".to_owned()),
        ("API__LISTENING", "127.0.0.1:0".to_owned()),
        ("API__AUTH__LEEWAY", "5".to_owned()),
        ("API__CORS__ALLOWED_ORIGINS", "*".to_owned()),
        ("API__DATABASE__URL", "redis://x".to_owned()),
        ("API__AUTH__PUBLIC_KEY_FILE", text(&missing)),
        ("API__AUTH__PUBLIC_KEY_FILE", text(&garbage)),
        ("API__SERVICE__CLIENT_ID_FILE", text(&missing)),
    ] {
        for command in ["serve", "config check"] {
            let output = run(program(&database).env(name, &value), command);
            let message = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{name}={value}: {message}");
            assert_eq!(message.lines().count(), 1, "{message}");
            assert!(message.to_uppercase().contains(name), "{message}");
        }
    }
    assert!(!database.is_made(), "settings are checked before anything is made");
}

#[test]
fn half_a_client_is_refused_and_what_is_missing_is_named() {
    let database = Database::unmade();
    let output = run(program(&database).env("API__SERVICE__CLIENT_ID", "svc_1"), "config check");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.starts_with("error: API__SERVICE__CLIENT_SECRET: is missing"), "{message}");
}

#[test]
fn config_check_shows_what_is_in_effect_without_secrets() {
    let (database, folder) = (Database::unmade(), tempfile::tempdir().unwrap());
    let file = folder.path().join("api.toml");
    std::fs::write(&file, "[auth]\naudience = \"from-file\"\nleeway = \"7s\"\n").unwrap();
    let shown = stdout(&run(
        program(&database)
            .env("API__AUTH__LEEWAY", "9s")
            .env("API__DATABASE__URL", "postgres://me:pa55@db/api")
            .env("API__SERVICE__CLIENT_ID", "svc_1")
            .env("API__SERVICE__CLIENT_SECRET", "s3cret"),
        &format!("config check --config {}", file.display()),
    ));
    assert!(shown.contains("audience = \"from-file\"") && shown.contains("leeway = \"9s\""), "{shown}");
    assert!(shown.contains("@db/api") && !shown.contains("pa55"), "{shown}");
    assert!(shown.contains("client_id = \"svc_1\"") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn the_database_is_created_migrated_shown_and_dropped() {
    let database = Database::unmade();
    let db = |command: &str| run(&mut program(&database), &format!("db {command}"));
    let lines = |text: &str, word: &str| text.lines().filter(|line| line.starts_with(word)).count();
    let created = stdout(&db("create"));
    assert!(lines(&created, "created ") == 1 && lines(&created, "migrated ") >= 3, "{created}");
    assert_eq!(db("create").status.code(), Some(1));
    assert_eq!(stdout(&db("migrate")), "nothing to migrate\n");
    let status = stdout(&db("status"));
    assert!(lines(&status, "applied") >= 3 && lines(&status, "missing") == 0, "{status}");

    assert_eq!(db("drop").status.code(), Some(1));
    assert!(database.is_made(), "dropped without being sure");
    stdout(&db("drop --yes"));
    assert!(!database.is_made());
    assert_eq!(db("drop --yes").status.code(), Some(1));
}

#[test]
fn it_serves_by_default_reports_its_health_and_stops_when_told_to() {
    let (database, folder) = (Database::empty(), tempfile::tempdir().unwrap());
    let jwks = folder.path().join("jwks.json");
    std::fs::write(&jwks, shared_claims::testing::TestIssuer::new("https://auth.test").jwks().to_string())
        .unwrap();
    let mut server =
        program(&database).env("API__AUTH__PUBLIC_KEY_FILE", &jwks).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut is_no_client = 0;
    let address = log
        .find_map(|line| {
            is_no_client += usize::from(line.contains("API__SERVICE__CLIENT_ID"));
            Some(line.split_once("resource-api listening on http://")?.1.to_owned())
        })
        .unwrap();
    assert_eq!(is_no_client, 1, "one line tells that users who have not called cannot be followed");

    stdout(&run(program(&database).env("API__LISTEN", &address), "health"));
    let taken = run(program(&database).env("API__LISTEN", &address), "serve");
    assert_eq!(taken.status.code(), Some(1), "{taken:?}");

    Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(server.wait().unwrap().success());
    let gone = run(program(&database).env("API__LISTEN", &address), "health");
    assert_eq!(gone.status.code(), Some(1), "{gone:?}");
}
