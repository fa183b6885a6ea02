//! Migrations are run by one at a time, and the others wait.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use diesel_migrations::embed_migrations;
use shared_service::database::{DatabaseUrl, MigrationError, Migrations, connect};
use test_servers::{MARIADB, Options, POSTGRES, Server};

use crate::{SERVERS, number, parsed};

pub(crate) const MIGRATIONS: Migrations = Migrations {
    sqlite: embed_migrations!("tests/database/migrations/sqlite"),
    postgres: embed_migrations!("tests/database/migrations/postgres"),
    mysql: embed_migrations!("tests/database/migrations/mysql"),
};

/// Longer than any name may be by itself where it is part of another.
const LONG_NAME: &str = "a_name_of_sixty_characters_which_is_nearly_the_longest_there";

fn is_still_waiting<T>(waiting: &thread::JoinHandle<T>) -> bool {
    let deadline = Instant::now() + Duration::from_millis(500);
    while Instant::now() < deadline && !waiting.is_finished() {
        thread::sleep(Duration::from_millis(5));
    }
    !waiting.is_finished()
}

fn run(url: &DatabaseUrl) -> thread::JoinHandle<Result<Vec<String>, MigrationError>> {
    let url = url.clone();
    thread::spawn(move || MIGRATIONS.run(&url))
}

/// `lock` is what somebody else holds who migrates.
fn waits_for_the_lock(server: &Server, lock: &str) {
    let (locked, free) =
        (parsed(&server.create_database(LONG_NAME)), parsed(&server.create_database("free")));
    let mut other = connect(&locked).unwrap();
    other.batch_execute(lock).unwrap();
    let waiting = run(&locked);
    assert!(is_still_waiting(&waiting), "it ran without the lock");
    assert_eq!(run(&free).join().unwrap().unwrap().len(), 2, "another database has another lock");
    // As if the process that held it had been killed: its connection ends.
    drop(other);
    assert_eq!(waiting.join().unwrap().unwrap(), ["2026-01-01-000000_one", "2026-01-02-000000_two"]);
}

#[test]
fn who_finds_another_migrating_waits_until_he_is_gone() {
    let server = Server::start(&POSTGRES, Options::default());
    waits_for_the_lock(&server, "SELECT pg_advisory_lock(hashtext('latchkey-migrations'))");
    let server = Server::start(&MARIADB, Options::default());
    waits_for_the_lock(&server, "DO GET_LOCK(CONCAT('latchkey-migrations-', SHA1(DATABASE())), 0)");
}

#[test]
fn sixteen_at_once_run_each_migration_once() {
    for kind in SERVERS {
        let server = Server::start(kind, Options::default());
        let url = parsed(&server.create_database("sixteen"));
        let all: Vec<_> = (0..16).map(|_| run(&url)).collect();
        let ran: usize = all.into_iter().map(|one| one.join().unwrap().unwrap().len()).sum();
        assert_eq!(ran, 2);
    }
}

#[test]
fn a_database_newer_than_the_program_is_refused() {
    for kind in SERVERS {
        let server = Server::start(kind, Options::default());
        let url = parsed(&server.create_database("newer"));
        MIGRATIONS.run(&url).unwrap();
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')";
        connect(&url).unwrap().batch_execute(newer).unwrap();
        let refused = MIGRATIONS.run(&url).unwrap_err();
        assert!(
            matches!(&refused, MigrationError::Newer(version) if version == "20991231000000"),
            "{refused}"
        );
    }
}

/// The statements of a file, without comments.
fn statements(file: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let code =
        text.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    code.split(';').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
}

/// MySQL commits each change of the schema by itself, so a crash leaves part of a migration behind, and the next start runs it
/// from its first statement.
#[test]
fn every_migration_of_both_servers_can_be_interrupted_anywhere_on_mysql() {
    let server = Server::start(&MARIADB, Options::default());
    for program in ["auth-server", "resource-api"] {
        let mut connection = connect(&parsed(&server.create_database(&program.replace('-', "_")))).unwrap();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(program);
        let mut migrations: Vec<_> = std::fs::read_dir(folder.join("migrations/mysql")).unwrap().collect();
        migrations.sort_by_key(|folder| folder.as_ref().unwrap().path());
        assert!(!migrations.is_empty());
        for migration in migrations {
            let file = migration.unwrap().path().join("up.sql");
            let all = statements(&file);
            for (begun, run) in
                (1..=all.len()).flat_map(|begun| all[..begun].iter().map(move |run| (begun, run)))
            {
                let done = connection.batch_execute(run);
                done.unwrap_or_else(|why| panic!("{} after {begun} statements: {why}", file.display()));
            }
        }
    }
}

/// All or nothing, where the engine can: what a failed migration has begun is not there.
#[test]
fn a_failed_migration_leaves_nothing_behind_on_postgres() {
    let server = Server::start(&POSTGRES, Options::default());
    let url = parsed(&server.create_database("failed"));
    let mut connection = connect(&url).unwrap();
    connection.batch_execute("CREATE TABLE two (in_the_way INT)").unwrap();
    MIGRATIONS.run(&url).unwrap_err();
    let left = "SELECT COUNT(*) AS number FROM information_schema.tables WHERE table_name = 'one'";
    assert_eq!(number(&mut connection, left).unwrap(), 0);
}
