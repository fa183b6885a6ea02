//! An empty database of the chosen engine.

use std::{
    fmt,
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::LazyLock,
};

use diesel::connection::SimpleConnection;
use shared_service::database::{DatabaseUrl, Store, connect};

use crate::{
    Folder, MARIADB, POSTGRES,
    server::{Kind, Options, Server},
};

/// The engine that tests are run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
    /// MySQL's protocol; the server is MariaDB.
    Mysql,
}

impl Engine {
    /// As `TEST_DATABASE` says.
    pub fn chosen() -> Self {
        match std::env::var("TEST_DATABASE").as_deref() {
            Err(_) | Ok("") => Self::Sqlite,
            Ok(name) => name.parse().unwrap_or_else(|why| panic!("TEST_DATABASE: {why}")),
        }
    }

    /// What is meant for this engine, of something for each: SQLite, PostgreSQL, MySQL.
    pub fn pick<T>(self, [sqlite, postgres, mysql]: [T; 3]) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
            Self::Mysql => mysql,
        }
    }

    /// The server that stands for this engine; SQLite has none.
    pub fn kind(self) -> Option<&'static Kind> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(&POSTGRES),
            Self::Mysql => Some(&MARIADB),
        }
    }
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            "mysql" => Ok(Self::Mysql),
            other => Err(format!("{other} is not sqlite, postgres or mysql")),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.pick(["sqlite", "postgres", "mysql"]))
    }
}

/// Where the files of the whole test program lie.
static FILES: LazyLock<Folder> = LazyLock::new(|| {
    let folder = Folder::new("latchkey-files-");
    // Whoever is given what lies in it has to pass through.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
    folder
});

/// The server of the whole test program: its own, or the one that the environment names.
static SHARED: LazyLock<Shared> = LazyLock::new(Shared::of_the_chosen_engine);

enum Shared {
    Own(Server),
    /// The URL of a server's own database, from where others are made.
    Given(String),
}

impl Shared {
    fn of_the_chosen_engine() -> Self {
        let engine = Engine::chosen();
        let given = match engine {
            Engine::Mysql => std::env::var("TEST_MYSQL_URL"),
            Engine::Sqlite | Engine::Postgres => std::env::var("TEST_POSTGRES_URL"),
        };
        given.map_or_else(
            |_| Self::Own(Server::start(engine.kind().expect("a server"), Options::default())),
            Self::Given,
        )
    }

    fn url(&self, name: &str) -> String {
        match self {
            Self::Own(server) => server.url(name),
            Self::Given(url) => {
                let (url, query) =
                    url.split_once('?').map_or((url.as_str(), None), |(url, q)| (url, Some(q)));
                let server = url.rsplit_once('/').map_or(url, |(server, _)| server);
                query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
            }
        }
    }
}

/// A database of a test's own. Dropping it drops the database.
#[derive(Debug)]
pub struct Database {
    url: String,
    folder: Option<PathBuf>,
}

impl Database {
    /// An empty one, without any table.
    pub fn empty() -> Self {
        let database = Self::unmade();
        if database.folder.is_none() {
            shared_service::database::create(&database.parsed()).unwrap();
        }
        database
    }

    /// A place for one: its URL can be created, and is dropped with this value.
    pub fn unmade() -> Self {
        if Engine::chosen() == Engine::Sqlite {
            let folder = tempfile::tempdir_in(FILES.path()).unwrap().keep();
            let url = format!("sqlite://{}", folder.join("data/test.db").display());
            return Self { url, folder: Some(folder) };
        }
        let name = format!("test_{:016x}", getrandom::u64().unwrap());
        Self { url: SHARED.url(&name), folder: None }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of a file, for who has to give it to somebody; a server's database has none.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Whether it has been created, and not dropped since.
    pub fn is_made(&self) -> bool {
        shared_service::database::is_there(&self.parsed()) && connect(&self.parsed()).is_ok()
    }

    pub fn parsed(&self) -> DatabaseUrl {
        self.url.parse().unwrap_or_else(|error| panic!("{} {error}", self.url))
    }

    /// A pool of its connections.
    pub fn store(&self, connections: u32) -> Store {
        Store::open(&self.parsed(), connections).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            std::fs::remove_dir_all(folder).ok();
            return;
        }
        let (_, name) = self.url.rsplit_once('/').expect("a URL");
        let name = name.split('?').next().unwrap_or_default();
        let (maintenance, forced) = match Engine::chosen() {
            Engine::Mysql => (SHARED.url("mysql"), ""),
            Engine::Sqlite | Engine::Postgres => (SHARED.url("postgres"), " WITH (FORCE)"),
        };
        let Some(mut server) = maintenance.parse().ok().and_then(|url| connect(&url).ok()) else { return };
        server.batch_execute(&format!("DROP DATABASE IF EXISTS {name}{forced}")).ok();
    }
}
