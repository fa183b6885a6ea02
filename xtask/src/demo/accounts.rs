//! Signup, login, and who one is at each server.

use anyhow::{Result, ensure};
use serde_json::json;

use super::client::{Request, Walk};
use super::{Servers, Tokens, log_in};
use crate::console::progress;

pub(super) const PASSWORD: &str = "analytical engine 1843";

/// Signs `ada` up and in.
pub(super) fn walk(walk: &mut Walk, servers: &Servers) -> Result<Tokens> {
    let Servers { auth, api, .. } = servers;
    progress("Signup and login at auth-server");
    let signup = json!({ "username": "ada", "password": PASSWORD });
    let user = walk.send(Request::post(&format!("{auth}/auth/signup"), &signup), 201)?;
    Walk::shows(&format!("ada has the id {} and the roles {}", user.text("id")?, user.json["roles"]));
    walk.refused(Request::post(&format!("{auth}/auth/signup"), &signup), 409, "username_taken")?;
    Walk::shows("a name belongs to one user");
    let wrong = json!({ "username": "ada", "password": "difference engine" });
    walk.refused(Request::post(&format!("{auth}/auth/login"), &wrong), 401, "invalid_credentials")?;
    Walk::shows("a wrong password opens nothing");
    let ada = log_in(walk, auth, "ada", PASSWORD)?;
    let whole = walk.send(Request::get(&format!("{auth}/auth/user")).bearer(&ada.access), 200)?;
    ensure!(whole.json["id"] == user.json["id"], "another user: {}", whole.json);
    Walk::shows("auth-server knows her by the access token");

    progress("The token at resource-api, which asks nobody");
    walk.send(Request::get(&format!("{api}/api/public")), 200)?;
    Walk::shows("open to everybody");
    let nobody = walk.send(Request::get(&format!("{api}/api/whoami")), 200)?;
    ensure!(nobody.json == json!({ "authenticated": false }), "{}", nobody.json);
    Walk::shows("without a token nobody");
    let whoami = walk.send(Request::get(&format!("{api}/api/whoami")).bearer(&ada.access), 200)?;
    ensure!(whoami.json["username"] == "ada", "{}", whoami.json);
    Walk::shows(&format!("with it, {}", whoami.json));
    let bare = walk.refused(Request::get(&format!("{api}/api/protected")), 401, "missing_token")?;
    ensure!(bare.header("WWW-Authenticate").starts_with("Bearer"), "no challenge (RFC 6750 §3)");
    Walk::shows("a token is asked for");
    let protected = walk.send(Request::get(&format!("{api}/api/protected")).bearer(&ada.access), 200)?;
    ensure!(protected.text("message")? == "protected endpoint (allowed usr ada)", "{}", protected.json);
    Walk::shows(protected.text("message")?);
    preflight(walk, api)?;
    Ok(ada)
}

fn preflight(walk: &mut Walk, api: &str) -> Result<()> {
    let page = "http://localhost:3000";
    let asked = Request::new("OPTIONS", &format!("{api}/api/protected"))
        .header("Origin", page)
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", "authorization");
    let allowed = walk.send(asked, 200)?;
    ensure!(allowed.header("Access-Control-Allow-Origin") == page, "the web client's origin is not allowed");
    Walk::shows(&format!("a page from {page} may send the token here"));
    Ok(())
}
