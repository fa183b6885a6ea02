//! Those who are services: they are given the metadata's URL and a client's credentials, as a service of yours would be.

use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::workshop::ask;
use super::{READY_WITHIN, log_in, metadata_url, start_auth_server};
use crate::cargo::Programs;
use crate::servers::{DEMO_USER, Interrupt, Output, Place, Process};

/// Starts a throwaway pair of servers with two clients and a logged-in user, and lets the program tell what it finds. It
/// ends badly when something is not as it should be.
pub(super) fn serve(service: &mut Command) -> Result<String> {
    let programs = Programs::build()?;
    let interrupt = Interrupt::watch()?;
    let folder = tempfile::Builder::new().prefix("latchkey-interop-").tempdir()?;
    let place = Place::throwaway(folder.path())?;
    let _auth = start_auth_server(&place, folder.path(), &programs, &interrupt)?;
    let log = Output::File(folder.path().join("resource-api.log"));
    let mut api = Process::start("resource-api", place.resource_api(&programs.resource_api), &log)?;
    api.wait_until_ready(place.api_port, READY_WITHIN, &interrupt)?;

    let client = |name: &str, scopes: &[&str]| -> Result<Value> {
        let (id, secret) = place.ensure_client(&programs.auth_server, name, scopes)?.read()?;
        Ok(json!({ "id": id, "secret": secret }))
    };
    let mut story = json!({
        "timeline": client("timeline", &["posts:read", "users:read"])?,
        "gateway": client("gateway", &["introspect"])?,
        "user": log_in(&place)?,
    });
    story["user"]["username"] = DEMO_USER.name.into();
    service.args([metadata_url(&place), place.api_url()]);
    let (went_well, said) = ask(service, &story.to_string())?;
    println!("{said}");
    ensure!(went_well, "{said}");
    let found = said.lines().count();
    Ok(format!("{found} checks: tokens by secret, what they open, introspection, revocation"))
}
