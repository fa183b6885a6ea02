//! `cargo xtask demo`: the main path on a throwaway pair of servers, every request shown, every answer checked.

mod accounts;
mod client;
mod discovery;
mod posting;
mod refresh;
mod refusals;
mod revocation;
mod services;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use client::{Request, Walk};

use crate::cargo::Programs;
use crate::console::{Colour, paint, progress};
use crate::servers::{DEMO_ADMIN, DEMO_USER, Interrupt, Output, Place, Process, free_ports, stop_all};

/// Short enough to wait for; what comes after it is what the walk shows.
const GRACE: Duration = Duration::from_secs(2);
/// The life of the access tokens of a second instance, whose tokens are watched as they expire.
const SHORT_TTL: Duration = Duration::from_secs(2);
const READY_WITHIN: Duration = Duration::from_mins(1);

/// Where the walk's servers are.
struct Servers {
    auth: String,
    api: String,
    /// A second auth-server: same issuer, keys and database, short-lived access tokens.
    brief_auth: String,
    /// The id and the secret of a registered service.
    service: (String, String),
}

pub(crate) fn run() -> Result<()> {
    println!("This runs both servers on free ports and a temporary folder, and walks the main path.");
    progress("building (the first time takes a few minutes)…");
    let programs = Programs::build()?;
    walk_with(&programs)
        .map(|summary| println!("\n{} {summary}", paint(Colour::Green, "All as it should be:")))
}

/// The walk with these programs; a summary when every answer was the right one.
pub(crate) fn walk_with(programs: &Programs) -> Result<String> {
    let started = Instant::now();
    let interrupt = Interrupt::watch()?;
    let folder = tempfile::Builder::new().prefix("latchkey-demo-").tempdir()?;
    let walked = walk_in(folder.path(), programs, &interrupt).inspect_err(|_| show_logs(folder.path()))?;
    Ok(format!("{walked} requests in {:.0} s.", started.elapsed().as_secs_f32()))
}

fn walk_in(folder: &Path, programs: &Programs, interrupt: &Interrupt) -> Result<usize> {
    progress("starting the servers…");
    let place = Place::throwaway(folder)?;
    let [brief_port] = free_ports()?;
    let mut processes = start(&place, brief_port, folder, programs, interrupt)?;
    place.ensure_user(&programs.auth_server, &DEMO_USER)?;
    place.ensure_user(&programs.auth_server, &DEMO_ADMIN)?;

    let brief_auth = format!("http://127.0.0.1:{brief_port}");
    let scopes = ["introspect", "posts:read", "posts:write"];
    let service = place.ensure_client(&programs.auth_server, "demo-service", &scopes)?.read()?;
    let servers = Servers { auth: place.issuer(), api: place.api_url(), brief_auth, service };
    let mut walk = Walk::new(interrupt.clone());
    discovery::walk(&mut walk, &servers)?;
    let ada = accounts::walk(&mut walk, &servers)?;
    posting::walk(&mut walk, &servers, &ada)?;
    refresh::walk(&mut walk, &servers)?;
    refusals::walk(&mut walk, &servers, &ada)?;
    services::walk(&mut walk, &servers, &ada)?;
    revocation::walk(&mut walk, &servers, &ada)?;
    progress("stopping the servers…");
    stop_all(&mut processes)?;
    Ok(walk.requests)
}

fn start(
    place: &Place,
    brief_port: u16,
    folder: &Path,
    programs: &Programs,
    interrupt: &Interrupt,
) -> Result<[Process; 3]> {
    let mut command = place.auth_server(&programs.auth_server);
    command.env("AUTH__SESSIONS__REFRESH_GRACE", format!("{}s", GRACE.as_secs()));
    let mut auth = Process::start("auth-server", command, &Output::File(folder.join("auth-server.log")))?;
    auth.wait_until_ready(place.auth_port, READY_WITHIN, interrupt)?;

    let mut command = place.auth_server(&programs.auth_server);
    command.env("AUTH__LISTEN", format!("127.0.0.1:{brief_port}"));
    command.env("AUTH__TOKENS__ACCESS_TTL", format!("{}s", SHORT_TTL.as_secs()));
    let mut brief = Process::start("auth-server", command, &Output::File(folder.join("auth-server-2.log")))?;
    brief.wait_until_ready(brief_port, READY_WITHIN, interrupt)?;

    let mut command = place.resource_api(&programs.resource_api);
    command.env("API__AUTH__LEEWAY", "0s");
    place.ensure_client(&programs.auth_server, "resource-api", &["users:read"])?.hand_to(&mut command);
    let mut api = Process::start("resource-api", command, &Output::File(folder.join("resource-api.log")))?;
    api.wait_until_ready(place.api_port, READY_WITHIN, interrupt)?;
    Ok([auth, brief, api])
}

fn show_logs(folder: &Path) {
    for name in ["auth-server.log", "auth-server-2.log", "resource-api.log"] {
        let log = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        eprintln!("--- {name}\n{log}");
    }
}

/// A session as its client holds it.
#[derive(Clone, Debug)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn read(answer: &client::Answer) -> Result<Self> {
        let held =
            |member| answer.text(member).map(str::to_owned).context("a token response (RFC 6749 §5.1)");
        Ok(Self { access: held("access_token")?, refresh: held("refresh_token")? })
    }
}

/// Logs in at the auth-server of this URL.
fn log_in(walk: &mut Walk, auth: &str, username: &str, password: &str) -> Result<Tokens> {
    let body = serde_json::json!({ "username": username, "password": password });
    let tokens = Tokens::read(&walk.send(Request::post(&format!("{auth}/auth/login"), &body), 200)?)?;
    Walk::shows(&format!("{username} holds an access token and the first link of a refresh chain"));
    Ok(tokens)
}
