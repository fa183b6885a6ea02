//! The servers under measurement, on a throwaway database, and who calls them.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use test_servers::Folder;

use crate::{
    Options,
    accounts::{self, Session},
    database::Databases,
    http::{Connection, Request},
    process::{Process, free_port, tethered},
};

/// Connections that send requests at once. More would only wait for the two ends.
pub(crate) const CLIENTS: usize = 16;
/// How many authors a timeline is put together from, and how many posts each has.
pub(crate) const FOLLOWED: usize = 20;
const POSTS_OF_EACH: usize = 10;

/// Long enough that no measurement outlasts a token, or the grace of a link.
pub(crate) const ACCESS_TTL: &str = "1h";
const LONG_GRACE: (&str, &str) = ("AUTH__SESSIONS__REFRESH_GRACE", "1h");
const NO_GRACE: (&str, &str) = ("AUTH__SESSIONS__REFRESH_GRACE", "0s");

pub(crate) struct World {
    pub(crate) auth: Process,
    /// A second auth-server on the same database and keys, whose chains advance with every refresh.
    pub(crate) strict: Process,
    pub(crate) api: Process,
    pub(crate) databases: Databases,
    /// Where auth-server's rows are.
    pub(crate) auth_database: String,
    /// Follows all authors.
    pub(crate) reader: Session,
    pub(crate) authors: Vec<Session>,
    /// What a service that may introspect sends as `Authorization`.
    pub(crate) service: String,
    settings: Settings,
    /// Deleted last.
    _folder: Folder,
}

/// What further servers are started with.
struct Settings {
    programs: [std::path::PathBuf; 2],
    auth: Vec<(String, String)>,
    api: Vec<(String, String)>,
}

/// The name of one of the authors.
pub(crate) fn author(number: usize) -> String {
    format!("author-{number}")
}

impl World {
    pub(crate) fn start(options: &Options) -> Result<Self> {
        let folder = Folder::new("latchkey-bench-");
        let databases = Databases::start(options.engine, folder.path().to_owned());
        let (auth_database, api_database) = (databases.create("auth"), databases.create("api"));
        let port = free_port()?;
        let issuer = format!("http://127.0.0.1:{port}");
        let pairs = |pairs: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let log = options.log.iter().map(|level| ("RUST_LOG".to_owned(), level.clone()));
            pairs.iter().map(owned).chain(log).collect::<Vec<_>>()
        };
        let settings = Settings {
            programs: [options.auth_server.clone(), options.resource_api.clone()],
            auth: pairs(&[
                ("AUTH__ISSUER", &issuer),
                ("AUTH__DATABASE__URL", &auth_database),
                ("AUTH__KEYS__DIR", &folder.path().join("keys").display().to_string()),
                ("AUTH__PASSWORDS__BCRYPT_COST", &options.bcrypt_cost.to_string()),
                ("AUTH__TOKENS__ACCESS_TTL", ACCESS_TTL),
                ("AUTH__LIMITS__ENABLED", "false"),
            ]),
            api: pairs(&[("API__AUTH__ISSUER", &issuer), ("API__DATABASE__URL", &api_database)]),
        };
        settings.migrate()?;
        let auth = settings.start_auth(port, LONG_GRACE)?;
        let strict = settings.start_auth(free_port()?, NO_GRACE)?;
        let api = settings.start_api()?;
        let service = settings.add_client("bench", "introspect")?;
        let names: Vec<String> = (0..FOLLOWED).map(author).chain(["reader".into()]).collect();
        accounts::with_each(auth.port, &names, accounts::sign_up)?;
        let mut authors = accounts::with_each(auth.port, &names, accounts::log_in)?;
        let reader = authors.pop().context("an account")?;
        fill_timeline(&api, &reader, (&authors, &names))?;
        Ok(Self {
            auth,
            strict,
            api,
            databases,
            auth_database,
            reader,
            authors,
            service,
            settings,
            _folder: folder,
        })
    }

    /// Starts one more auth-server beside the others, with the keys and the database that are there.
    pub(crate) fn start_auth(&self) -> Result<Process> {
        self.settings.start_auth(free_port()?, LONG_GRACE)
    }

    pub(crate) fn start_api(&self) -> Result<Process> {
        self.settings.start_api()
    }
}

/// Posts of every author, and the reader as follower of all.
fn fill_timeline(api: &Process, reader: &Session, (authors, names): (&[Session], &[String])) -> Result<()> {
    let mut connection = Connection::open(api.port)?;
    for (author, name) in authors.iter().zip(names) {
        for number in 0..POSTS_OF_EACH {
            let post = serde_json::json!({ "content": format!("post {number} of {name}") });
            let request = Request::json("/api/posts", &post).bearing(&author.access_token);
            connection.exchange(&request)?.expect(201)?;
        }
        let follow = Request::new("PUT", &format!("/api/users/{name}/follow"), &[], "");
        connection.exchange(&follow.bearing(&reader.access_token))?.expect(204)?;
    }
    Ok(())
}

impl Settings {
    fn auth_server(&self) -> Command {
        command(&self.programs[0], &self.auth)
    }

    fn start_auth(&self, port: u16, grace: (&str, &str)) -> Result<Process> {
        let mut command = self.auth_server();
        command.env("AUTH__LISTEN", format!("127.0.0.1:{port}")).env(grace.0, grace.1);
        Process::start(command, port, "/health/ready")
    }

    fn start_api(&self) -> Result<Process> {
        let port = free_port()?;
        let mut command = command(&self.programs[1], &self.api);
        command.env("API__LISTEN", format!("127.0.0.1:{port}"));
        command.env("API__PUBLIC_URL", format!("http://127.0.0.1:{port}"));
        Process::start(command, port, "/health/ready")
    }

    /// Both databases, with the programs' complaints, if they have any.
    fn migrate(&self) -> Result<()> {
        output(self.auth_server().args(["db", "migrate"]))?;
        output(command(&self.programs[1], &self.api).args(["db", "migrate"]))?;
        Ok(())
    }

    /// Registers a service; what it sends as `Authorization`.
    fn add_client(&self, name: &str, scope: &str) -> Result<String> {
        let said = output(self.auth_server().args(["clients", "add", name, "--scope", scope]))?;
        let value = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        let (id, secret) =
            value("client_id").zip(value("client_secret")).context("no client id and secret")?;
        Ok(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))))
    }
}

/// A program with these settings and none of the caller's own.
fn command(program: &Path, settings: &[(String, String)]) -> Command {
    let mut command = tethered(program);
    let ours = |name: &str| name.starts_with("AUTH__") || name.starts_with("API__") || name == "RUST_LOG";
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        command.env_remove(name);
    }
    command.envs(settings.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
    command
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8(output.stdout)?)
}
