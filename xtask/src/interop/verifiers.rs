//! Those who check our access tokens: they are given the metadata's URL, their own name and a token, nothing else of ours.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;

use super::workshop::ask;
use super::{log_in, metadata_url, start_auth_server};
use crate::cargo::Programs;
use crate::servers::{Interrupt, Place};

/// Logs in at a throwaway auth-server. The verifier must accept the access token, refuse what is not quite it, and after
/// the logout refuse it too.
pub(super) fn verify(verifier: &mut Command) -> Result<String> {
    let programs = Programs::build()?;
    let interrupt = Interrupt::watch()?;
    let folder = tempfile::Builder::new().prefix("latchkey-interop-").tempdir()?;
    let place = Place::throwaway(folder.path())?;
    let _server = start_auth_server(&place, folder.path(), &programs, &interrupt)?;

    let tokens = log_in(&place)?;
    let token = tokens["access_token"].as_str().context("a token response has an access token")?;
    verifier.args([&metadata_url(&place), "resource-api"]);
    let (accepted, said) = ask(verifier, token)?;
    ensure!(accepted, "a good token was refused: {said}");
    println!("{said}");
    for (what, forged) in forgeries(token)? {
        let (accepted, said) = ask(verifier, &forged)?;
        ensure!(!accepted, "{what} was accepted: {said}");
        ensure!(said.starts_with("refused: "), "{what} was not refused but broke the verifier: {said}");
        println!("{what}: {said}");
    }
    log_out(&place, token)?;
    let (accepted, said) = ask(verifier, token)?;
    ensure!(!accepted && said.starts_with("refused: "), "after the logout: {said}");
    println!("after the logout: {said}");
    Ok("a good token accepted, forged and revoked ones refused, given the metadata's URL alone".into())
}

fn log_out(place: &Place, token: &str) -> Result<()> {
    let logout = ureq::post(format!("{}/auth/logout", place.issuer()));
    logout.header("Authorization", format!("Bearer {token}")).send_empty().context("logout")?;
    Ok(())
}

/// A signature with one bit of another's, and claims exchanged under the old signature. Both stay well-formed, so that
/// nothing but the check of the signature can tell.
fn forgeries(token: &str) -> Result<[(&'static str, String); 2]> {
    let (signed, signature) = token.rsplit_once('.').context("a token has three parts")?;
    let (header, claims) = signed.split_once('.').context("a token has three parts")?;
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let other_signature = format!("{first}{}", &signature[1..]);
    let text = BASE64URL.decode(claims)?;
    let other_claims = String::from_utf8(text)?.replacen("posts:read", "posts:rule", 1);
    let other_claims = BASE64URL.encode(other_claims);
    Ok([
        ("a token under another signature", format!("{signed}.{other_signature}")),
        ("a token with other claims", format!("{header}.{other_claims}.{signature}")),
    ])
}
