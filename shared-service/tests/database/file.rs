//! SQLite's file.

use std::{os::unix::fs::PermissionsExt, thread, time::Duration};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use shared_service::database::{Store, connect};

use crate::{migrating::MIGRATIONS, number, parsed};

/// SQLite refuses at once, and lets nobody wait, who switches a file to WAL while another has locked it.
#[test]
fn nobody_touches_a_new_database_file_while_another_is_setting_it_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.db").display().to_string();
    let lock = std::fs::File::create(format!("{path}.migrate.lock")).unwrap();
    lock.lock().unwrap();
    let mut first = SqliteConnection::establish(&path).unwrap();
    first.batch_execute("BEGIN IMMEDIATE; CREATE TABLE x (y INTEGER)").unwrap();
    let url = parsed(&format!("sqlite://{path}"));
    let second = thread::spawn(move || MIGRATIONS.run(&url));
    // Long enough for somebody who does not wait to have failed.
    thread::sleep(Duration::from_millis(300));
    assert!(!second.is_finished());
    first.batch_execute("COMMIT").unwrap();
    drop((first, lock));
    assert!(!second.join().unwrap().unwrap().is_empty());
}

#[test]
fn the_database_file_is_readable_by_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/own.db");
    let url = parsed(&format!("sqlite://{}", path.display()));
    MIGRATIONS.run(&url).unwrap();
    let store = Store::open(&url, 1).unwrap();
    connect(&url).unwrap().batch_execute("CREATE TABLE written (x INT)").unwrap();
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has {mode:o}", file.path().display());
    }
    drop(store);
}

/// `.cargo/config.toml` says why; without, everything works and is slow.
#[test]
fn sqlite_is_built_to_prepare_once_and_to_share_nothing_between_connections() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection =
        connect(&parsed(&format!("sqlite://{}", folder.path().join("any.db").display()))).unwrap();
    let mut has = |option: &str| {
        let text = format!(
            "SELECT COUNT(*) AS number FROM pragma_compile_options WHERE compile_options = '{option}'"
        );
        number(&mut connection, &text).unwrap() == 1
    };
    assert!(has("ENABLE_QPSG") && has("DEFAULT_MEMSTATUS=0") && !has("ENABLE_MEMORY_MANAGEMENT"));
}
