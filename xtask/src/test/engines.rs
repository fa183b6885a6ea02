//! The database engines that suites are run on and the servers they start, and whether this machine has them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Outcome;

/// An engine, as `TEST_DATABASE` and options name it.
#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    Mysql,
}

impl Engine {
    pub(crate) const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::Mysql];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
        }
    }

    /// What has to be installed here for programs with this engine and a throwaway server of it.
    pub(crate) fn missing(self) -> Option<String> {
        self.missing_library().or_else(|| self.missing_server())
    }

    /// The same for suites, which take a server that the environment names as well.
    pub(super) fn missing_for_tests(self) -> Option<Outcome> {
        let variable = format!("TEST_{}_URL", self.name().to_uppercase());
        let server = || {
            let why = self.missing_server().filter(|_| !given(&variable))?;
            Some(format!("{why}, or set {variable} to a server's"))
        };
        let why = self.missing_library().or_else(server)?;
        Some(Outcome::Skipped { why })
    }

    fn missing_library(self) -> Option<String> {
        let is_missing = self == Self::Mysql && !has_mysql_library();
        is_missing
            .then(|| "the MySQL client library is missing: apt-get install libmariadb-dev pkg-config".into())
    }

    fn missing_server(self) -> Option<String> {
        let (program, name, package) = match self {
            Self::Sqlite => return None,
            Self::Postgres => ("postgres", "PostgreSQL", "postgresql"),
            Self::Mysql => ("mariadbd", "MariaDB", "mariadb-server"),
        };
        (!has_program(program)).then(|| format!("{name} is missing: apt-get install {package}"))
    }
}

/// The same for the tests of whole deployments, which start nginx, and database servers of their own to kill them.
pub(super) fn missing_for_deployments() -> Option<Outcome> {
    let needs = [
        ("postgres", "PostgreSQL", "postgresql"),
        ("nginx", "nginx", "nginx-light"),
        ("mariadbd", "MariaDB", "mariadb-server"),
    ];
    let needed = needs.into_iter().filter(|(program, ..)| *program != "mariadbd" || has_mysql_library());
    let (_, name, package) = needed.into_iter().find(|(program, ..)| !has_program(program))?;
    Some(Outcome::Skipped { why: format!("{name} is missing: apt-get install {package}") })
}

/// The same for the tests of the database layer, which try all there is with servers of their own.
pub(super) fn missing_for_database_layer() -> Option<Outcome> {
    let needs = [
        (can_build("mysql"), "the MySQL client library", "libmariadb-dev pkg-config"),
        (can_build("postgres-tls"), "what OpenSSL is compiled with", "perl make"),
        (has_program("postgres"), "PostgreSQL", "postgresql"),
        (has_program("mariadbd"), "MariaDB", "mariadb-server"),
        (has_program("openssl"), "openssl", "openssl"),
    ];
    let (_, what, package) = needs.into_iter().find(|(is_there, ..)| !is_there)?;
    Some(Outcome::Skipped { why: format!("{what} is missing: apt-get install {package}") })
}

/// Whether this machine has what it takes to build with a feature.
pub(super) fn can_build(feature: &str) -> bool {
    match feature {
        "mysql" => has_mysql_library(),
        "postgres-tls" => can_compile_openssl(),
        _ => true,
    }
}

/// Debian's `perl-base`, which is everywhere, lacks modules that OpenSSL is configured with.
fn can_compile_openssl() -> bool {
    let works = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    works("make", &["--version"]) && works("perl", &["-MIPC::Cmd", "-MPod::Usage", "-MFindBin", "-e1"])
}

/// What a program with the `mysql` feature is linked with; looked for as its build does.
pub(crate) fn has_mysql_library() -> bool {
    let exists = |library| Command::new("pkg-config").args(["--exists", library]).status();
    ["libmariadb", "mysqlclient"].map(exists).into_iter().flatten().any(|status| status.success())
}

fn given(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// Whether a server program is in `PATH`, or where Debian puts it.
fn has_program(name: &str) -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debians = versions.map(|version| version.path().join("bin")).chain(["/usr/sbin".into()]);
    let path: Vec<PathBuf> = std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect();
    debians.chain(path).any(|folder: PathBuf| Path::is_file(&folder.join(name)))
}
