//! Tokens of another kind, with demands, or with a header that two readers read differently (RFC 7515 §4, RFC 8725 §3.11).

use serde_json::{Value, json};

use super::{Forger, Forgery, forgery};
use crate::testing::issuer::signing_input;

pub(super) fn forge(forger: &Forger<'_>) -> Vec<Forgery> {
    let groups = [types, extensions, ambiguous];
    groups.iter().flat_map(|group| group(forger)).collect()
}

fn types(forger: &Forger<'_>) -> Vec<Forgery> {
    let types: [Value; 12] = [
        json!("JWT"),
        json!("jwt"),
        json!(""),
        json!("at+jwt "),
        json!("at-jwt"),
        json!("application/jwt"),
        json!("application/application/at+jwt"),
        json!("statuslist+jwt"),
        json!("logout+jwt"),
        json!(null),
        json!(1),
        json!(["at+jwt"]),
    ];
    let mut tokens: Vec<Forgery> = types
        .into_iter()
        .map(|typ| forgery(format!("typ {typ}"), forger.user().header("typ", typ).sign()))
        .collect();
    tokens.push(forgery("typ missing", forger.user().without_header("typ").sign()));
    tokens
}

fn extensions(forger: &Forger<'_>) -> Vec<Forgery> {
    let crits = [json!(["exp"]), json!(["x-unknown"]), json!([]), json!("exp"), json!(null)];
    let mut tokens: Vec<Forgery> = crits
        .into_iter()
        .map(|crit| {
            forgery(format!("crit {crit}"), forger.user().header("exp", 0).header("crit", crit).sign())
        })
        .collect();
    let unencoded = forger.user().header("b64", false);
    tokens.push(forgery("b64 false", unencoded.sign()));
    tokens.push(forgery("b64 false and critical", unencoded.header("crit", json!(["b64"])).sign()));
    tokens
}

fn ambiguous(forger: &Forger<'_>) -> Vec<Forgery> {
    let good = forger.user();
    let (header, payload) = (good.header_json(), good.payload());
    let members = header.trim_matches(['{', '}']);
    let kid = forger.issuer.jwk.kid();
    let headers = [
        ("alg twice, none first", format!(r#"{{"alg":"none",{members}}}"#)),
        ("alg twice, none last", format!(r#"{{{members},"alg":"none"}}"#)),
        ("alg twice, the same", format!(r#"{{{members},"alg":"RS256"}}"#)),
        ("alg twice, once escaped", format!(r#"{{{members},"\u0061lg":"none"}}"#)),
        ("kid twice", format!(r#"{{"kid":"other",{members}}}"#)),
        ("typ twice", format!(r#"{{"typ":"JWT",{members}}}"#)),
        ("an unknown member twice", format!(r#"{{"x":1,{members},"x":1}}"#)),
        ("a header that is an array", format!(r#"["RS256","at+jwt","{kid}"]"#)),
        ("a header in an array", format!("[{header}]")),
        ("a header that is a string", json!(header).to_string()),
        ("two headers", format!("{header}{header}")),
        ("a header with a byte order mark", format!("\u{feff}{header}")),
        ("a header with a comment", format!("/**/{header}")),
        ("a header with a trailing comma", format!("{{{members},}}")),
        ("a header that is not closed", header.trim_end_matches('}').to_owned()),
        ("a header that is null", "null".to_owned()),
        ("a header without members", "{}".to_owned()),
    ];
    let mut tokens: Vec<Forgery> = headers
        .into_iter()
        .map(|(name, header)| forgery(name, forger.issuer.sign_raw(&header, payload.as_bytes())))
        .collect();
    let encrypted =
        format!("{}..AAAA.AAAA", signing_input(r#"{"alg":"dir","enc":"A256GCM"}"#, payload.as_bytes()));
    tokens.push(forgery("an encrypted token", encrypted));
    tokens
}
