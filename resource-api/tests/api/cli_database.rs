//! The program and its database: what cannot be opened.

use std::process::Command;

use diesel::connection::SimpleConnection;
use resource_api::store::MIGRATIONS;
use shared_service::database::connect;
use test_servers::{Database, Engine};

/// What the program says that ends with exit code 1: one line.
fn refused(url: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_resource-api"))
        .current_dir(folder.path())
        .env_clear()
        .env("API__LISTEN", "127.0.0.1:0")
        .env("API__DATABASE__URL", url)
        .env("RUST_LOG", "warn")
        .args(arguments)
        .output()
        .unwrap();
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && line.lines().count() == 1, "{arguments:?}: {line}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it has made a file");
    line
}

#[test]
fn a_database_of_a_newer_version_is_refused_with_one_line() {
    let database = Database::empty();
    MIGRATIONS.run(&database.parsed()).unwrap();
    connect(&database.parsed())
        .unwrap()
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')")
        .unwrap();
    for arguments in [&["serve"][..], &["db", "migrate"]] {
        let told = refused(database.url(), arguments);
        assert!(told.contains("newer version (it has 20991231000000)"), "{told}");
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_told_in_one_line_without_its_password() {
    for scheme in ["postgres", if cfg!(feature = "mysql") { "mysql" } else { "postgres" }] {
        for (host, told) in
            [("127.0.0.1:1", "does the server run, and on this port?"), ("nowhere.invalid", "name right?")]
        {
            for arguments in [&["serve"][..], &["db", "create"], &["db", "status"], &["db", "drop", "--yes"]]
            {
                let line = refused(&format!("{scheme}://user:pa55word@{host}/x"), arguments);
                assert!(line.contains(told) && !line.contains("pa55word"), "{line}");
            }
        }
    }
}

#[test]
fn a_database_that_is_missing_is_told_with_the_way_to_make_it() {
    let database = Database::unmade();
    let serve_or_look: &[&str] =
        if Engine::chosen() == Engine::Sqlite { &["db", "status"] } else { &["serve"] };
    let told = refused(database.url(), serve_or_look);
    assert!(told.contains("run `db create`"), "{told}");
}
