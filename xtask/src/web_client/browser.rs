//! The end-to-end suite: a real browser, the client and both servers on three origins.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{FOLDER, WebClient, suites::summary};
use crate::cargo::{Programs, root, target};
use crate::console::progress;
use crate::node;
use crate::servers::{DEMO_ADMIN, Interrupt, Output, Place, Process, free_ports};

/// Where Chromium is, by the names that distributions give it.
const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const READY_WITHIN: std::time::Duration = std::time::Duration::from_mins(1);

/// What is missing to run a browser.
pub(super) fn missing() -> Option<String> {
    let why = "Chromium is missing: apt-get install chromium, or name it in the variable CHROMIUM";
    chromium().is_none().then(|| why.into())
}

fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(CHROMIUM.map(PathBuf::from)).find(|path| path.is_file())
}

/// Lets the tests of `web-client/e2e` use everything as users do.
pub(super) fn walk() -> Result<String> {
    with_servers(|_| ())
}

/// `cargo xtask screenshots`: takes the pictures of `docs/screenshots` anew.
pub(crate) fn screenshots() -> Result<()> {
    if let Some(why) = missing().or_else(node::missing) {
        anyhow::bail!(why);
    }
    progress("building, and visiting every page…");
    let folder = root().join("docs/screenshots");
    with_servers(|tests| {
        tests.env("SCREENSHOTS", &folder);
    })?;
    progress("docs/screenshots is made anew: look at every picture before you commit it");
    Ok(())
}

/// Starts everything on free ports, and runs what is in `web-client/e2e` against it.
fn with_servers(prepare: impl FnOnce(&mut Command)) -> Result<String> {
    let programs = Programs::build()?;
    let client = WebClient::build()?;
    let interrupt = Interrupt::watch()?;
    let folder = tempfile::Builder::new().prefix("latchkey-browser-").tempdir()?;
    let mut place = Place::throwaway(folder.path())?;
    place.host = "localhost";
    let [web_port] = free_ports()?;
    let origin = format!("http://localhost:{web_port}");
    let evidence = target().join("xtask/web-client-e2e");
    if evidence.exists() {
        std::fs::remove_dir_all(&evidence)?;
    }
    std::fs::create_dir_all(&evidence)?;

    let _servers = start(&place, &origin, &evidence, &programs, &interrupt)?;
    place.ensure_user(&programs.auth_server, &DEMO_ADMIN)?;
    let log = Output::File(evidence.join("web-client.log"));
    let _web = client.serve(web_port, &place, &log, &interrupt)?;
    let mut tests = node::tool(FOLDER, "vitest");
    tests
        .args(["run", "--config", "vitest.e2e.config.ts", "--reporter", "json"])
        .env("NO_COLOR", "1")
        .env("CHROMIUM", chromium().context("there was a Chromium a moment ago")?)
        .env("E2E_EVIDENCE", &evidence)
        .env("E2E_WEB", &origin)
        .env("E2E_AUTH", place.issuer())
        .env("E2E_API", place.api_url())
        .env("E2E_ADMIN", format!("{}:{}", DEMO_ADMIN.name, DEMO_ADMIN.password));
    prepare(&mut tests);
    summary(&mut tests).with_context(|| format!("logs and pictures are in {}", evidence.display()))
}

/// Both servers, at a pace that tests can wait for.
fn start(
    place: &Place,
    origin: &str,
    logs: &Path,
    programs: &Programs,
    interrupt: &Interrupt,
) -> Result<[Process; 2]> {
    let mut command = place.auth_server(&programs.auth_server);
    command
        .env("AUTH__CORS__ALLOWED_ORIGINS", origin)
        .env("AUTH__PASSWORDS__BCRYPT_COST", "10")
        .env("AUTH__SESSIONS__REFRESH_GRACE", "2s")
        .env("AUTH__STATUS_LIST__TTL", "1s")
        // One address is everybody here.
        .env("AUTH__LIMITS__LOGIN", "6000/1m")
        .env("AUTH__LIMITS__SIGNUP", "6000/1m");
    let log = Output::File(logs.join("auth-server.log"));
    let mut auth = Process::start("auth-server", command, &log)?;
    auth.wait_until_ready(place.auth_port, READY_WITHIN, interrupt)?;

    let mut command = place.resource_api(&programs.resource_api);
    command.env("API__CORS__ALLOWED_ORIGINS", origin);
    place.ensure_client(&programs.auth_server, "resource-api", &["users:read"])?.hand_to(&mut command);
    let log = Output::File(logs.join("resource-api.log"));
    let mut api = Process::start("resource-api", command, &log)?;
    api.wait_until_ready(place.api_port, READY_WITHIN, interrupt)?;
    Ok([auth, api])
}
