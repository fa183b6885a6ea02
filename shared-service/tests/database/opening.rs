//! What cannot be opened is told in one line, with what to do, without the password, and soon.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use shared_service::database::connect;
use test_servers::{MARIADB, Options, POSTGRES, Server};

use crate::{parsed, refusal};

fn assert_told(url: &str, expected: &str) {
    let began = Instant::now();
    let why = refusal(url);
    assert!(began.elapsed() < Duration::from_secs(8), "{url} took {:?}", began.elapsed());
    assert!(!why.contains('\n') && !why.contains("pa55"), "{why}");
    assert!(why.contains(expected), "{why} does not say {expected}");
}

#[test]
fn a_server_that_is_not_there_is_told_in_one_line() {
    // A name that cannot exist (RFC 6761), a port that refuses, and one that accepts and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    for scheme in ["postgres", "mysql"] {
        let url = |host: &str| format!("{scheme}://user:pa55@{host}/name");
        assert_told(&url("nowhere.invalid"), "is the host's name right?");
        assert_told(&url("127.0.0.1:1"), "does the server run, and on this port?");
        assert_told(&url(&silent.to_string()), "is there a firewall?");
    }
}

#[test]
fn postgres_tells_a_wrong_password_and_a_missing_database() {
    let hba = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    let server = Server::start(
        &POSTGRES,
        Options {
            arguments: ["-c", "hba_file=hba"].map(Into::into).into(),
            files: vec![("hba".into(), hba.into())],
            ..Options::default()
        },
    );
    let url = server.create_database("there");
    let mut administrator = connect(&parsed(&url)).unwrap();
    administrator
        .batch_execute("CREATE ROLE u LOGIN PASSWORD 'right'; REVOKE CONNECT ON DATABASE there FROM PUBLIC")
        .unwrap();
    let as_user =
        |password: &str, name: &str| server.url(name).replace("//postgres@", &format!("//u:{password}@"));
    assert_told(&as_user("pa55", "there"), "check the user and the password in the URL");
    assert_told(&as_user("right", "missing"), "run `db create`");
    assert_told(&as_user("right", "there"), "GRANT CONNECT ON DATABASE");
}

#[test]
fn mysql_tells_a_wrong_password_and_a_missing_database() {
    let server = Server::start(&MARIADB, Options::default());
    let url = server.create_database("there");
    let mut administrator = connect(&parsed(&url)).unwrap();
    administrator.batch_execute("CREATE USER u@'127.0.0.1' IDENTIFIED BY 'right'").unwrap();
    administrator.batch_execute("CREATE USER u@'localhost' IDENTIFIED BY 'right'").unwrap();
    let as_user =
        |password: &str, name: &str| server.url(name).replace("//root@", &format!("//u:{password}@"));
    assert_told(&as_user("pa55", "there"), "check the user and the password in the URL");
    assert_told(&as_user("right", "there"), "GRANT ALL ON the database");
    assert_told(&server.url("missing"), "run `db create`");
}
