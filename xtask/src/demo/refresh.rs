//! The refresh chain: forward, twice within the grace, and a replay that ends the session.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use super::client::{Request, Walk};
use super::{GRACE, Servers, Tokens, log_in};
use crate::console::progress;
use crate::servers::DEMO_USER;

pub(super) fn walk(walk: &mut Walk, servers: &Servers) -> Result<()> {
    let Servers { auth, api, .. } = servers;
    progress("The refresh chain");
    let first = log_in(walk, auth, DEMO_USER.name, DEMO_USER.password)?;
    let second = Tokens::read(&walk.send(refresh(auth, &first), 200)?)?;
    ensure!(second.refresh != first.refresh, "the first refresh advances the chain");
    Walk::shows("a new access token, and the chain's next link");
    walk.send(Request::get(&format!("{api}/api/protected")).bearer(&second.access), 200)?;
    Walk::shows("resource-api accepts the new access token");
    let again = Tokens::read(&walk.send(refresh(auth, &first), 200)?)?;
    ensure!(again.refresh == second.refresh, "within the grace an old link answers with the newest");
    Walk::shows("a second tab that sends the old link at the same time gets the same new link");

    let mut mangled = second.clone();
    mangled.refresh = super::refusals::with_another_last_character(&second.refresh);
    walk.refused(refresh(auth, &mangled), 401, "invalid_refresh_token")?;
    Walk::shows("a link with one character changed is refused");
    Walk::wait(GRACE + Duration::from_millis(500), "until the grace is over");
    let third = Tokens::read(&walk.send(refresh(auth, &second), 200)?)?;
    Walk::shows("and ended nothing: the genuine one still works");

    walk.refused(refresh(auth, &first), 401, "invalid_refresh_token")?;
    Walk::shows("the first link again, after the grace: a replay, which ends the session");
    walk.refused(refresh(auth, &third), 401, "invalid_refresh_token")?;
    Walk::shows("so the newest link is refused too, whoever holds it");
    walk.refused(Request::get(&format!("{auth}/auth/user")).bearer(&third.access), 401, "invalid_token")?;
    Walk::shows("and the session's access token, at auth-server");
    Ok(())
}

fn refresh(auth: &str, tokens: &Tokens) -> Request {
    Request::post(&format!("{auth}/auth/refresh"), &json!({ "refresh_token": tokens.refresh }))
}
