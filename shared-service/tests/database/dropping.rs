//! A database is not dropped while it is in use.

use shared_service::database::{Store, connect, create, drop_database};
use test_servers::{Options, Server};

use crate::{SERVERS, parsed};

fn assert_kept(url: &str) {
    let url = parsed(url);
    create(&url).unwrap();
    let store = Store::open(&url, 2).unwrap();
    store
        .blocking_transaction(|c| {
            diesel::connection::SimpleConnection::batch_execute(c, "CREATE TABLE kept (x INT)")?;
            Ok::<_, anyhow::Error>(())
        })
        .unwrap();
    let why = drop_database(&url).unwrap_err().to_string();
    assert!(why.contains("stop the servers that use it first") && !why.contains('\n'), "{why}");
    let mut connection = connect(&url).unwrap();
    assert_eq!(crate::number(&mut connection, "SELECT COUNT(*) AS number FROM kept").unwrap(), 0);
    drop((connection, store));
    // The pool's own threads close its connections, and the server takes a moment to notice.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while let Err(why) = drop_database(&url) {
        assert!(std::time::Instant::now() < deadline, "{why}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_database_that_is_in_use_is_not_dropped() {
    for kind in SERVERS {
        let server = Server::start(kind, Options::default());
        assert_kept(&server.url("in_use"));
    }
}

#[test]
fn a_file_that_is_in_use_is_not_dropped() {
    let folder = tempfile::tempdir().unwrap();
    assert_kept(&format!("sqlite://{}", folder.path().join("in_use.db").display()));
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "something of the database is left");
}
