//! MariaDB, in the place of MySQL.

use std::{ffi::OsString, path::Path, path::PathBuf};

use crate::server::{Kind, find_in};

pub static MARIADB: Kind = Kind {
    name: "MariaDB",
    is_many_processes: false,
    package: "mariadb-server",
    account: "mysql",
    find,
    initialise,
    serve,
    maintenance: |port| format!("mysql://root@127.0.0.1:{port}/mysql"),
};

fn find(program: &str) -> Option<PathBuf> {
    find_in([], program)
}

fn initialise(folder: &Path) -> (&'static str, Vec<OsString>) {
    let fixed = ["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"];
    let mut arguments: Vec<OsString> = fixed.map(Into::into).into();
    arguments.push("--innodb-flush-method=nosync".into());
    arguments.push(named("--datadir=", &folder.join("data")));
    arguments.push(named("--tmpdir=", folder));
    ("mariadb-install-db", arguments)
}

fn serve(folder: &Path, port: u16, durable: bool) -> (&'static str, Vec<OsString>) {
    let mut arguments: Vec<OsString> = vec![
        "--no-defaults".into(),
        named("--datadir=", &folder.join("data")),
        // A server that starts deletes the temporary tables of whoever shares this folder.
        named("--tmpdir=", folder),
        named("--socket=", &folder.join("socket")),
        "--bind-address=127.0.0.1".into(),
        format!("--port={port}").into(),
        "--max-connections=500".into(),
    ];
    if !durable {
        // A database is made for nearly every test: a file for each of its tables is most of what costs time.
        let hasty = ["flush-log-at-trx-commit=0", "flush-method=nosync", "doublewrite=0", "file-per-table=0"];
        arguments.extend(hasty.map(|setting| format!("--innodb-{setting}").into()));
    }
    ("mariadbd", arguments)
}

fn named(option: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(path);
    argument
}
