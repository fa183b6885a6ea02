//! What another implementation finds by itself: RFC 8414 metadata and the key set it names.

use anyhow::{Context, Result, ensure};

use super::Servers;
use super::client::{Request, Walk};
use crate::console::progress;

pub(super) fn walk(walk: &mut Walk, servers: &Servers) -> Result<()> {
    progress("Discovery: given the issuer alone");
    let url = format!("{}/.well-known/oauth-authorization-server", servers.auth);
    let metadata = walk.send(Request::get(&url), 200)?;
    ensure!(metadata.text("issuer")? == servers.auth, "the issuer is not the one asked: {}", metadata.json);
    let jwks_uri = metadata.text("jwks_uri")?;
    Walk::shows(&format!("the issuer is {}, its keys are at {jwks_uri}", servers.auth));

    let jwks = walk.send(Request::get(jwks_uri), 200)?;
    let keys = jwks.json["keys"].as_array().context("a JWK set has keys")?;
    ensure!(keys.len() >= 2, "a next key should be published ahead of its time: {}", jwks.json);
    let private = ["d", "p", "q", "dp", "dq", "qi"];
    ensure!(
        keys.iter().all(|key| private.iter().all(|part| key.get(part).is_none())),
        "a private key is public"
    );
    Walk::shows(&format!("{} public keys, the next one among them; nothing private", keys.len()));

    let url = format!("{}/.well-known/oauth-protected-resource", servers.api);
    let resource = walk.send(Request::get(&url), 200)?;
    ensure!(resource.json["authorization_servers"] == serde_json::json!([servers.auth]), "{}", resource.json);
    Walk::shows("resource-api names the authorization server that it trusts (RFC 9728)");
    Ok(())
}
