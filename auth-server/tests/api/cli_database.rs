//! The program and its database: many starts at once, and what cannot be opened.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use auth_server::store::MIGRATIONS;
use diesel::connection::SimpleConnection;
use shared_service::database::connect;
use test_servers::Engine;

use crate::cli::{Place, Running};

/// Starts the server on this database and tells where it listens.
pub(crate) fn serve(place: &Place, url: &str) -> (Running, String) {
    let mut child: Child = Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .env_clear()
        .env("AUTH__LISTEN", "127.0.0.1:0")
        .env("AUTH__DATABASE__URL", url)
        .env("AUTH__KEYS__DIR", place.path("keys"))
        .env("AUTH__PASSWORDS__BCRYPT_COST", "10")
        .env("AUTH__LIMITS__ENABLED", "false")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let running = Running(child);
    let mut said = Vec::new();
    let address = loop {
        let line = lines.next().unwrap_or_else(|| panic!("it ended:\n{}", said.join("\n"))).unwrap();
        if let Some((_, address)) = line.split_once("listening on ") {
            break address.to_owned();
        }
        said.push(line);
    };
    // Whatever else it says must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (running, address)
}

fn client() -> reqwest::blocking::Client {
    reqwest::blocking::Client::builder().no_proxy().build().unwrap()
}

#[test]
fn ten_servers_that_start_at_once_on_an_empty_database_all_come_up() {
    let place = Place::new();
    let started: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..10).map(|_| scope.spawn(|| serve(&place, place.database.url()))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    for (_, address) in &started {
        let ready = client().get(format!("{address}/health/ready")).send().unwrap();
        assert!(ready.status().is_success(), "{}", ready.text().unwrap());
    }
    let status = MIGRATIONS.status(&place.database.parsed()).unwrap();
    assert!(status.iter().all(|migration| migration.applied), "{status:?}");
}

#[test]
fn a_database_of_a_newer_version_is_refused_with_one_line() {
    let place = Place::new();
    MIGRATIONS.run(&place.database.parsed()).unwrap();
    connect(&place.database.parsed())
        .unwrap()
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')")
        .unwrap();
    for command in [&["serve"][..], &["db", "migrate"], &["users", "list"]] {
        let told = place.refused(command, "");
        assert!(
            told.contains("newer version (it has 20991231000000)") && told.lines().count() == 1,
            "{told}"
        );
    }
}

#[test]
fn a_database_that_cannot_be_reached_stops_every_command_with_one_line() {
    let place = Place::without_database();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("{}/x", silent.local_addr().unwrap());
    for (server, told) in [
        ("127.0.0.1:1/x", "does the server run, and on this port?"),
        ("nowhere.invalid/x", "is the host's name right?"),
        (&silent, "is there a firewall?"),
    ] {
        let schemes = ["postgres", if cfg!(feature = "mysql") { "mysql" } else { "postgres" }];
        for (scheme, command) in schemes.into_iter().zip([&["serve"][..], &["db", "create"]]) {
            let began = Instant::now();
            let url = format!("{scheme}://user:pa55word@{server}");
            let output = place.run(command, &[("AUTH__DATABASE__URL", &url)], "");
            let line = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{line}");
            assert!(line.lines().count() == 1 && line.contains(told), "{command:?} {url}: {line}");
            assert!(!line.contains("pa55word"), "{line}");
            assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
        }
    }
    assert!(std::fs::read_dir(place.path("")).unwrap().all(|file| file.unwrap().file_name() == "keys"));
}

#[test]
fn a_database_that_is_missing_is_told_with_the_way_to_make_it() {
    let place = Place::without_database();
    if Engine::chosen() == Engine::Sqlite {
        return; // A file is made by whoever needs it first.
    }
    let told = place.refused(&["serve"], "");
    assert!(told.lines().count() == 1 && told.contains("run `db create`"), "{told}");
}
