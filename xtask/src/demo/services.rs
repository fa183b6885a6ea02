//! Services: a token of their own, what it opens and what not, and asking auth-server about others' tokens.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD as BASE64, BASE64_URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};

use super::client::{Request, Walk};
use super::{Servers, Tokens, log_in};
use crate::console::progress;

const PASSWORD: &str = "nanoseconds of wire 1952";

pub(super) fn walk(walk: &mut Walk, servers: &Servers, ada: &Tokens) -> Result<()> {
    let Servers { auth, api, .. } = servers;
    progress("A service's own token: client credentials (RFC 6749 §4.4)");
    let asked = [("grant_type", "client_credentials"), ("scope", "posts:read posts:write")];
    let answer = walk.send(by_service(servers, "/oauth/token", &asked), 200)?;
    let token = answer.text("access_token")?;
    ensure!(answer.json.get("refresh_token").is_none(), "a service needs no refresh token");
    let claims = claims(token)?;
    let service = &claims["sub"];
    ensure!(*service == claims["client_id"], "a service is its client: {claims}");
    ensure!(claims.get("username").is_none() && claims.get("roles").is_none(), "it is no user: {claims}");
    Walk::shows(&format!("the token says sub {service}, scope {}; no username, no roles", claims["scope"]));
    walk.send(Request::get(&format!("{api}/api/users/ada")).bearer(token), 200)?;
    Walk::shows("it may read a profile");
    let post = json!({ "content": "Posted by nobody." });
    walk.refused(Request::post(&format!("{api}/api/posts"), &post).bearer(token), 403, "user_required")?;
    Walk::shows("and may not post, whatever its scope: posts are users'");

    progress("Following somebody whom resource-api has never seen");
    let grace = json!({ "username": "grace", "password": PASSWORD });
    walk.send(Request::post(&format!("{auth}/auth/signup"), &grace), 201)?;
    walk.send(Request::get(&format!("{api}/api/users/grace")).bearer(&ada.access), 404)?;
    Walk::shows("grace has signed up at auth-server and never called resource-api");
    let follow =
        |name: &str| Request::new("PUT", &format!("{api}/api/users/{name}/follow")).bearer(&ada.access);
    walk.send(follow("grace"), 204)?;
    Walk::shows("ada follows her: resource-api asked auth-server who grace is, with a token of its own");
    walk.refused(follow("nobody"), 404, "user_not_found")?;
    Walk::shows("and learned that there is nobody of that name");

    progress("Introspection and revocation (RFC 7662, RFC 7009)");
    let session = log_in(walk, auth, "grace", PASSWORD)?;
    let introspect = || by_service(servers, "/oauth/introspect", &[("token", &session.access)]);
    let active = walk.send(introspect(), 200)?;
    ensure!(active.json["active"] == true && active.json["username"] == "grace", "{}", active.json);
    Walk::shows("a service with the scope introspect asks whose token it was sent: grace's, and it is good");
    walk.send(Request::form(&format!("{auth}/oauth/revoke"), &[("token", &session.access)]), 200)?;
    Walk::shows("grace revokes it, by showing it");
    let over = walk.send(introspect(), 200)?;
    ensure!(
        over.json == json!({ "active": false }),
        "of a token that is not good nothing is said: {}",
        over.json
    );
    Walk::shows("now it is not, and nothing more is said");
    Ok(())
}

/// A form sent to auth-server by the walk's service, which names itself by its id and its secret.
fn by_service(servers: &Servers, path: &str, parameters: &[(&str, &str)]) -> Request {
    let (id, secret) = &servers.service;
    // Both consist of characters that stand for themselves in a form (RFC 6749 §2.3.1).
    let basic = format!("Basic {}", BASE64.encode(format!("{id}:{secret}")));
    Request::form(&format!("{}{path}", servers.auth), parameters).header("Authorization", &basic)
}

fn claims(token: &str) -> Result<Value> {
    let claims = token.split('.').nth(1).context("an access token has three parts")?;
    serde_json::from_slice(&BASE64URL.decode(claims)?).context("claims")
}
