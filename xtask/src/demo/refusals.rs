//! Forged and expired access tokens, refused at resource-api.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};

use super::client::{Request, Walk};
use super::{SHORT_TTL, Servers, Tokens, log_in};
use crate::console::progress;
use crate::servers::DEMO_USER;

pub(super) fn walk(walk: &mut Walk, servers: &Servers, ada: &Tokens) -> Result<()> {
    let Servers { api, brief_auth, .. } = servers;
    progress("Forged tokens at resource-api");
    for (what, forged) in forgeries(&ada.access)? {
        refused(walk, api, &forged)?;
        Walk::shows(what);
    }
    walk.send(Request::get(&format!("{api}/api/protected")).bearer(&ada.access), 200)?;
    Walk::shows("the genuine one is still accepted");

    progress("An expired token at resource-api, from a second auth-server on the same keys and database");
    let brief = log_in(walk, brief_auth, DEMO_USER.name, DEMO_USER.password)?;
    walk.send(Request::get(&format!("{api}/api/protected")).bearer(&brief.access), 200)?;
    Walk::shows("while it lives, it is accepted");
    Walk::wait(SHORT_TTL + Duration::from_millis(500), "until it has expired");
    refused(walk, api, &brief.access)?;
    Walk::shows("expired");
    Ok(())
}

fn refused(walk: &mut Walk, api: &str, token: &str) -> Result<()> {
    let answer =
        walk.refused(Request::get(&format!("{api}/api/protected")).bearer(token), 401, "invalid_token")?;
    let challenge = answer.header("WWW-Authenticate");
    ensure!(
        challenge.contains(r#"error="invalid_token""#),
        "the challenge says no error (RFC 6750 §3): {challenge}"
    );
    Ok(())
}

/// What a thief without the private key can make of a good token.
fn forgeries(token: &str) -> Result<Vec<(&'static str, String)>> {
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        anyhow::bail!("an access token has three parts");
    };
    let promoted = altered(claims, |claims| {
        claims["roles"] = json!(["user", "admin"]);
        claims["scope"] = json!("admin posts:read posts:write");
    })?;
    let unsigned = altered(header, |header| header["alg"] = json!("none"))?;
    let hmac = altered(header, |header| header["alg"] = json!("HS256"))?;
    let mangled = with_another_last_character(claims);
    Ok(vec![
        (
            "claims made those of an administrator, under the old signature",
            format!("{header}.{promoted}.{signature}"),
        ),
        ("the same without a signature, alg none", format!("{unsigned}.{promoted}.")),
        ("another algorithm in the header", format!("{hmac}.{claims}.{signature}")),
        ("one character changed", format!("{header}.{mangled}.{signature}")),
        ("cut short", format!("{header}.{claims}")),
    ])
}

fn altered(part: &str, change: impl FnOnce(&mut Value)) -> Result<String> {
    let mut value: Value = serde_json::from_slice(&BASE64URL.decode(part)?).context("a part of a token")?;
    change(&mut value);
    Ok(BASE64URL.encode(value.to_string()))
}

/// The same text but for its last character.
pub(super) fn with_another_last_character(text: &str) -> String {
    let last = if text.ends_with('A') { 'B' } else { 'A' };
    let mut changed = text.to_owned();
    changed.pop();
    changed.push(last);
    changed
}
