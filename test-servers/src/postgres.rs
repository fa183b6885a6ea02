//! PostgreSQL.

use std::{ffi::OsString, path::Path, path::PathBuf};

use crate::server::{Kind, find_in};

pub static POSTGRES: Kind = Kind {
    name: "PostgreSQL",
    is_many_processes: true,
    package: "postgresql",
    account: "postgres",
    find,
    initialise,
    serve,
    maintenance: |port| format!("postgres://postgres@127.0.0.1:{port}/postgres"),
};

/// Debian keeps each version in a folder of its own: the newest.
fn find(program: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    find_in(folders.into_iter().rev(), program)
}

fn initialise(folder: &Path) -> (&'static str, Vec<OsString>) {
    let mut arguments: Vec<OsString> =
        ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"]
            .map(Into::into)
            .into();
    arguments.push(folder.join("data").into());
    ("initdb", arguments)
}

fn serve(folder: &Path, port: u16, durable: bool) -> (&'static str, Vec<OsString>) {
    let mut arguments: Vec<OsString> =
        vec!["-D".into(), folder.join("data").into(), "-k".into(), folder.into()];
    let port = format!("port={port}");
    let settings = [port.as_str(), "listen_addresses=127.0.0.1", "max_connections=500"];
    // A database is made for nearly every test, and what is written for it is most of what costs time.
    let hasty = ["fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"];
    let hasty = if durable { &[] } else { hasty.as_slice() };
    for setting in settings.iter().chain(hasty) {
        arguments.extend(["-c".into(), (*setting).into()]);
    }
    ("postgres", arguments)
}
