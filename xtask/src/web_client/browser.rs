//! The end-to-end suite: a real browser, the client and both servers on three origins.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{FOLDER, WebClient, suites::summary};
use crate::cargo::Programs;
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

/// Starts everything on free ports, and lets the tests of `web-client/e2e` use it as users do.
pub(super) fn walk() -> Result<String> {
    let programs = Programs::build()?;
    let client = WebClient::build()?;
    let interrupt = Interrupt::watch()?;
    let folder = tempfile::Builder::new().prefix("latchkey-browser-").tempdir()?;
    let mut place = Place::throwaway(folder.path())?;
    place.host = "localhost";
    let [web_port] = free_ports()?;
    let origin = format!("http://localhost:{web_port}");
    let log = |name: &str| Output::File(folder.path().join(format!("{name}.log")));

    let _servers = start(&place, &origin, folder.path(), &programs, &interrupt)?;
    place.ensure_user(&programs.auth_server, &DEMO_ADMIN)?;
    let _web = client.serve(web_port, &place, &log("web-client"), &interrupt)?;
    let mut tests = node::tool(FOLDER, "vitest");
    tests
        .args(["run", "--config", "vitest.e2e.config.ts", "--reporter", "json"])
        .env("NO_COLOR", "1")
        .env("CHROMIUM", chromium().context("there was a Chromium a moment ago")?)
        .env("E2E_WEB", &origin)
        .env("E2E_AUTH", place.issuer())
        .env("E2E_API", place.api_url())
        .env("E2E_ADMIN", format!("{}:{}", DEMO_ADMIN.name, DEMO_ADMIN.password));
    summary(&mut tests)
}

/// Both servers, at a pace that tests can wait for.
fn start(
    place: &Place,
    origin: &str,
    folder: &Path,
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
    let log = Output::File(folder.join("auth-server.log"));
    let mut auth = Process::start("auth-server", command, &log)?;
    auth.wait_until_ready(place.auth_port, READY_WITHIN, interrupt)?;

    let mut command = place.resource_api(&programs.resource_api);
    command.env("API__CORS__ALLOWED_ORIGINS", origin);
    place.ensure_client(&programs.auth_server, "resource-api", &["users:read"])?.hand_to(&mut command);
    let log = Output::File(folder.join("resource-api.log"));
    let mut api = Process::start("resource-api", command, &log)?;
    api.wait_until_ready(place.api_port, READY_WITHIN, interrupt)?;
    Ok([auth, api])
}
