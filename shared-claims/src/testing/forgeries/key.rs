//! Keys that the sender brings along or points to (RFC 8725 §3.5, §3.10), and key ids that are no such thing.

use aws_lc_rs::signature::KeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{Forger, Forgery, forgery};
use crate::MAX_KID_BYTES;

pub(super) fn forge(forger: &Forger<'_>) -> Vec<Forgery> {
    let mut tokens = foreign_keys(forger);
    tokens.extend(key_ids(forger));
    tokens
}

fn foreign_keys(forger: &Forger<'_>) -> Vec<Forgery> {
    let (real, own) = (forger.issuer.jwk.kid(), forger.other.jwk.kid());
    let certificate = STANDARD.encode(forger.other.key.public_key().as_ref());
    let pointers = [
        ("jwk", json!(forger.other.jwk)),
        ("jku", json!("https://attacker.example/.well-known/jwks.json")),
        ("x5u", json!("https://attacker.example/certificate.pem")),
        ("x5c", json!([certificate])),
    ];
    let mut tokens = vec![
        forgery("another key", forger.user_of_other().sign()),
        forgery("another key with the real kid", forger.user_of_other().header("kid", real).sign()),
    ];
    for (member, value) in pointers {
        for (whose, kid) in [("its own", own), ("the real", real)] {
            let token = forger.user_of_other().header(member, value.clone()).header("kid", kid).sign();
            tokens.push(forgery(format!("another key given by {member}, {whose} kid"), token));
        }
    }
    tokens
}

/// Signed by the right key, so that only the `kid` speaks against them.
fn key_ids(forger: &Forger<'_>) -> Vec<Forgery> {
    let real = forger.issuer.jwk.kid();
    let kids: [(&str, Value); 15] = [
        ("empty", json!("")),
        ("unknown", json!("2020-01-01")),
        ("a path", json!("../../../../../../dev/null")),
        ("an absolute path", json!("/proc/self/environ")),
        ("SQL", json!("x' UNION SELECT 'secret' --")),
        ("a command", json!("|/bin/true")),
        ("a URL", json!("https://attacker.example/key")),
        ("with a NUL", json!(format!("{real}\0"))),
        ("with a space", json!(format!("{real} "))),
        ("cut", json!(&real[..real.len() - 1])),
        ("too long", json!("k".repeat(MAX_KID_BYTES + 1))),
        ("huge", json!("k".repeat(4_000))),
        ("an array", json!([real])),
        ("a number", json!(0)),
        ("null", json!(null)),
    ];
    let mut tokens: Vec<Forgery> = kids
        .into_iter()
        .map(|(what, kid)| forgery(format!("kid is {what}"), forger.user().header("kid", kid).sign()))
        .collect();
    tokens.push(forgery("kid missing", forger.user().without_header("kid").sign()));
    tokens
}
