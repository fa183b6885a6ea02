//! What we publish and answer, in the hands of implementations of other makers: PyJWT and npm's jose check our tokens;
//! Authlib, openid-client and oauth4webapi are services that get, introspect and revoke them. The programs are in
//! `interop/`; what they need is installed in `target/interop`.

mod services;
mod verifiers;
mod workshop;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cargo::Programs;
use crate::servers::{DEMO_USER, Interrupt, Output, Place, Process};
use crate::test::Suite;

const READY_WITHIN: Duration = Duration::from_mins(1);

pub(crate) fn suites() -> Vec<Suite> {
    use workshop::{with_node, with_python};
    vec![
        Suite::new("interop/pyjwt", || with_python("verify.py", verifiers::verify)),
        Suite::new("interop/jose", || with_node("verify.mjs", verifiers::verify)),
        Suite::new("interop/authlib", || with_python("client-authlib.py", services::serve)),
        Suite::new("interop/openid-client", || with_node("client-openid.mjs", services::serve)),
        Suite::new("interop/oauth4webapi", || with_node("client-oauth4webapi.mjs", services::serve)),
    ]
}

/// Where the metadata of RFC 8414 are.
fn metadata_url(place: &Place) -> String {
    format!("{}/.well-known/oauth-authorization-server", place.issuer())
}

/// A throwaway auth-server with the demo user.
fn start_auth_server(
    place: &Place,
    folder: &Path,
    programs: &Programs,
    interrupt: &Interrupt,
) -> Result<Process> {
    let command = place.auth_server(&programs.auth_server);
    let log = Output::File(folder.join("auth-server.log"));
    let mut server = Process::start("auth-server", command, &log)?;
    server.wait_until_ready(place.auth_port, READY_WITHIN, interrupt)?;
    place.ensure_user(&programs.auth_server, &DEMO_USER)?;
    Ok(server)
}

/// The tokens of the demo user's new session.
fn log_in(place: &Place) -> Result<serde_json::Value> {
    let body = serde_json::json!({ "username": DEMO_USER.name, "password": DEMO_USER.password });
    let mut answer = ureq::post(format!("{}/auth/login", place.issuer()))
        .header("Content-Type", "application/json")
        .send(body.to_string())
        .context("login")?;
    Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
}
