//! Instances that start at the same moment on a database that is not there yet.

use std::{
    fs::File,
    thread,
    time::{Duration, Instant},
};

use auth_server::store::MIGRATIONS;
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};

use crate::Database;

/// SQLite refuses at once, and lets nobody wait, who switches a file to WAL while another has locked it.
#[test]
fn nobody_touches_a_new_database_file_while_another_is_setting_it_up() {
    let database = Database::new();
    let path = database.url.to_string().replace("sqlite://", "");
    std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
    let lock = File::create(format!("{path}.migrate.lock")).unwrap();
    lock.lock().unwrap();
    let mut first = SqliteConnection::establish(&path).unwrap();
    first.batch_execute("BEGIN IMMEDIATE; CREATE TABLE x (y INTEGER)").unwrap();
    let url = database.url.clone();
    let second = thread::spawn(move || MIGRATIONS.run(&url));
    // Long enough for somebody who does not wait to have failed.
    let deadline = Instant::now() + Duration::from_millis(300);
    while Instant::now() < deadline && !second.is_finished() {
        thread::sleep(Duration::from_millis(5));
    }
    first.batch_execute("COMMIT").unwrap();
    drop((first, lock));
    assert!(!second.join().unwrap().unwrap().is_empty());
}
