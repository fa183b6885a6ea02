//! Logouts that resource-api sees, though nobody asks auth-server when a request comes.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use super::accounts::PASSWORD;
use super::client::{Request, Walk};
use super::{Servers, Tokens, log_in};
use crate::console::progress;

/// `AUTH__STATUS_LIST__TTL` by default, and the second within which a verifier asks again.
const SEEN_WITHIN: Duration = Duration::from_secs(5 + 1);

/// Ends ada's session, then all that she has.
pub(super) fn walk(walk: &mut Walk, servers: &Servers, ada: &Tokens) -> Result<()> {
    let Servers { auth, api, .. } = servers;
    progress("A logout that resource-api sees");
    let elsewhere = log_in(walk, auth, "ada", PASSWORD)?;
    let sessions =
        walk.send(Request::get(&format!("{auth}/auth/sessions")).bearer(&elsewhere.access), 200)?;
    let listed = sessions.json["items"].as_array().context("a list of sessions")?;
    ensure!(listed.len() == 2, "two sessions: {}", sessions.json);
    Walk::shows("ada is logged in twice; she sees both sessions and may end each");
    status_list(walk, &ada.access)?;
    for tokens in [ada, &elsewhere] {
        walk.send(protected(api, tokens), 200)?;
    }

    let link = json!({ "refresh_token": ada.refresh });
    walk.send(Request::post(&format!("{auth}/auth/logout"), &link), 204)?;
    walk.refused(Request::get(&format!("{auth}/auth/user")).bearer(&ada.access), 401, "invalid_token")?;
    Walk::shows("auth-server refuses the access token at once");
    walk.refused(Request::post(&format!("{auth}/auth/refresh"), &link), 401, "invalid_refresh_token")?;
    Walk::shows("and the refresh token");
    let seen = walk.until(|| protected(api, ada), 401, SEEN_WITHIN)?;
    Walk::shows(&format!(
        "resource-api refuses it {:.1} s after the logout, minutes before it expires",
        seen.as_secs_f32()
    ));
    walk.send(protected(api, &elsewhere), 200)?;
    Walk::shows("the other session is not concerned");

    let all = Request::new("POST", &format!("{auth}/auth/logout-all")).bearer(&elsewhere.access);
    walk.send(all, 204)?;
    let seen = walk.until(|| protected(api, &elsewhere), 401, SEEN_WITHIN)?;
    Walk::shows(&format!("until she logs out everywhere: {:.1} s", seen.as_secs_f32()));
    Ok(())
}

/// Shows where the token's status is published.
fn status_list(walk: &mut Walk, token: &str) -> Result<()> {
    let claims = token.split('.').nth(1).context("an access token has three parts")?;
    let claims: Value = serde_json::from_slice(&BASE64URL.decode(claims)?).context("claims")?;
    let status = &claims["status"]["status_list"];
    let (idx, uri) = (&status["idx"], status["uri"].as_str().context("the token names a status list")?);
    let size = walk.fetch(Request::get(uri), "application/statuslist+jwt")?.len();
    Walk::shows(&format!("the token is number {idx} of the {} on a signed list of {size} bytes", 1 << 17));
    Walk::shows("which resource-api fetches every few seconds, however many requests come");
    Ok(())
}

fn protected(api: &str, tokens: &Tokens) -> Request {
    Request::get(&format!("{api}/api/protected")).bearer(&tokens.access)
}
