//! Tokens that are signed well and say the wrong thing: a compromised or confused issuer, or a token for somebody else.

use serde_json::{Value, json};

use super::{Forger, Forgery, forgery};
use crate::FIRST_PARTY_CLIENT_ID;

pub(super) fn forge(forger: &Forger<'_>) -> Vec<Forgery> {
    let groups =
        [missing, of_wrong_type, wrong_party, wrong_time, neither_user_nor_service, wrong_status, not_claims];
    groups.iter().flat_map(|group| group(forger)).collect()
}

fn missing(forger: &Forger<'_>) -> Vec<Forgery> {
    let names = [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "jti",
        "client_id",
        "scope",
        "roles",
        "username",
        "sid",
        "auth_time",
    ];
    names
        .into_iter()
        .map(|name| forgery(format!("a user's token without {name}"), forger.user().without(name).sign()))
        .collect()
}

fn of_wrong_type(forger: &Forger<'_>) -> Vec<Forgery> {
    let soon = forger.issuer.clock.now_secs() + 300;
    let values: [(&str, Vec<Value>); 14] = [
        ("iss", vec![json!([forger.issuer.url()]), json!(1), json!(null), json!({}), json!("")]),
        ("sub", vec![json!(1), json!(null), json!(["a"]), json!("")]),
        (
            "aud",
            vec![
                json!(1),
                json!(null),
                json!({ "resource": forger.audience }),
                json!([1]),
                json!([[forger.audience]]),
            ],
        ),
        (
            "exp",
            vec![
                json!(soon.to_string()),
                json!(null),
                json!([soon]),
                json!(-1),
                json!(u64::MAX),
                json!(1e300),
            ],
        ),
        ("iat", vec![json!("0"), json!(null), json!(-1), json!(true)]),
        ("nbf", vec![json!("0"), json!(null), json!(-1)]),
        ("jti", vec![json!(1), json!(null), json!("")]),
        ("client_id", vec![json!(1), json!(null), json!([FIRST_PARTY_CLIENT_ID]), json!("")]),
        ("scope", vec![json!(["a"]), json!(null), json!(1), json!("a  b"), json!("a\"b"), json!("a\nb")]),
        (
            "roles",
            vec![json!("admin"), json!(null), json!([1]), json!({ "admin": true }), json!([["admin"]])],
        ),
        ("username", vec![json!(1), json!(null), json!(["mallory"]), json!("")]),
        ("sid", vec![json!(1), json!(null), json!("")]),
        ("auth_time", vec![json!("0"), json!(null)]),
        (
            "status",
            vec![json!("VALID"), json!(null), json!({}), json!({ "status_list": { "idx": -1, "uri": "x" } })],
        ),
    ];
    let mut tokens = Vec::new();
    for (name, values) in values {
        for value in values {
            tokens.push(forgery(format!("{name} is {value}"), forger.user().claim(name, value).sign()));
        }
    }
    tokens
}

fn wrong_party(forger: &Forger<'_>) -> Vec<Forgery> {
    let issuer = forger.issuer.url();
    let issuers = [
        "https://attacker.example".to_owned(),
        format!("{issuer}/"),
        format!("{issuer}.attacker.example"),
        issuer.to_uppercase(),
        format!(" {issuer}"),
    ];
    let audience = forger.audience;
    let audiences: [Value; 6] = [
        json!("another-service"),
        json!(["another-service"]),
        json!([]),
        json!([format!("{audience}x"), &audience[1..]]),
        json!(format!("{audience} another-service")),
        json!([format!("{audience}\0")]),
    ];
    let issuers = issuers
        .into_iter()
        .map(|iss| forgery(format!("from the issuer {iss:?}"), forger.user().claim("iss", iss).sign()));
    let audiences = audiences
        .into_iter()
        .map(|aud| forgery(format!("meant for {aud}"), forger.user().claim("aud", aud).sign()));
    issuers.chain(audiences).collect()
}

fn wrong_time(forger: &Forger<'_>) -> Vec<Forgery> {
    let now = forger.issuer.clock.now_secs();
    vec![
        forgery("expired a minute ago", forger.user().expires_in(-60).sign()),
        forgery("expired in 1970", forger.user().claim("exp", 0).sign()),
        forgery("expired, a fraction", forger.user().claim("exp", json!(0.5)).sign()),
        forgery("a service's token, expired", forger.service().expires_in(-60).sign()),
        forgery("not before tomorrow", forger.user().claim("nbf", now + 86_400).sign()),
        forgery("not before the end of time", forger.user().claim("nbf", i64::MAX).sign()),
        forgery(
            "issued tomorrow",
            forger.user().claim("iat", now + 86_400).claim("exp", now + 90_000).sign(),
        ),
    ]
}

fn neither_user_nor_service(forger: &Forger<'_>) -> Vec<Forgery> {
    let mut tokens = vec![
        forgery(
            "a user's token with a service's client_id",
            forger.user().claim("client_id", "svc_mallory").sign(),
        ),
        forgery("a user's token with First-Party", forger.user().claim("client_id", "First-Party").sign()),
        forgery("a service's token with the client_id of users", {
            forger.service().claim("client_id", FIRST_PARTY_CLIENT_ID).sign()
        }),
        forgery("a service's token with a user's sub", forger.service().claim("sub", "id-of-alice").sign()),
    ];
    let of_users = [
        ("roles", json!(["admin"])),
        ("username", json!("alice")),
        ("sid", json!("s")),
        ("auth_time", json!(0)),
    ];
    for (name, value) in of_users {
        tokens.push(forgery(
            format!("a service's token with {name}"),
            forger.service().claim(name, value).sign(),
        ));
    }
    for name in ["sub", "aud", "exp", "iat", "jti", "client_id", "scope"] {
        tokens.push(forgery(
            format!("a service's token without {name}"),
            forger.service().without(name).sign(),
        ));
    }
    tokens
}

/// Whoever follows such an address lets the token choose who says that it was not revoked.
fn wrong_status(forger: &Forger<'_>) -> Vec<Forgery> {
    let issuer = forger.issuer.url();
    let addresses = [
        "https://attacker.example/oauth/status-lists/0".to_owned(),
        format!("{issuer}.attacker.example/oauth/status-lists/0"),
        format!("{issuer}/oauth/status-lists"),
        format!("{issuer}/oauth/status-lists/"),
        format!("{issuer}/oauth/status-lists/0/"),
        format!("{issuer}/oauth/status-lists/0?x"),
        format!("{issuer}/oauth/status-lists/0#x"),
        format!("{issuer}/oauth/status-lists/0%20"),
        format!("{issuer}/oauth/status-lists/ 0"),
        format!("{issuer}/oauth/status-lists/00"),
        format!("{issuer}/oauth/status-lists/01"),
        format!("{issuer}/oauth/status-lists/+1"),
        format!("{issuer}/oauth/status-lists/-1"),
        format!("{issuer}/oauth/status-lists/0x1"),
        format!("{issuer}/oauth/status-lists/٣"),
        format!("{issuer}/oauth/status-lists/{}0", u64::MAX),
        format!("{issuer}/oauth/status-lists/x"),
        format!("{issuer}/oauth/status-lists/../status-lists/0"),
        format!("{issuer}/oauth/status-lists/0/../0"),
        format!("{issuer}//oauth/status-lists/0"),
        format!("{issuer}/oauth/Status-Lists/0"),
        format!("{issuer}/auth/signup"),
        format!("{}/oauth/status-lists/0", issuer.to_uppercase()),
        "file:///oauth/status-lists/0".to_owned(),
        "/oauth/status-lists/0".to_owned(),
        String::new(),
    ];
    let good = forger.issuer.status_list_url(0);
    let values = [
        json!({ "status_list": { "uri": good } }),
        json!({ "status_list": { "idx": 0 } }),
        json!({ "status_list": { "idx": -1, "uri": good } }),
        json!({ "status_list": { "idx": 0.5, "uri": good } }),
        json!({ "status_list": { "idx": "0", "uri": good } }),
        json!({ "status_list": { "idx": null, "uri": good } }),
        json!({ "status_list": { "idx": 1e30, "uri": good } }),
        json!({ "status_list": { "idx": 0, "uri": [good] } }),
        json!({ "status_list": { "idx": 0, "uri": null } }),
        json!({ "status_list": [] }),
        json!({ "status_list": null }),
        json!([{ "status_list": { "idx": 0, "uri": good } }]),
    ];
    let of_others = addresses.into_iter().map(|uri| json!({ "status_list": { "idx": 0, "uri": uri } }));
    of_others
        .chain(values)
        .map(|status| forgery(format!("status {status}"), forger.user().claim("status", status).sign()))
        .collect()
}

fn not_claims(forger: &Forger<'_>) -> Vec<Forgery> {
    let good = forger.user();
    let (header, claims) = (good.header_json(), good.payload());
    let members = claims.trim_matches(['{', '}']);
    // As serde would take them from an array, in the order of the struct.
    let in_order = ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope"];
    let optional = ["roles", "username", "sid", "auth_time"];
    let members_of: Value = serde_json::from_str(&claims).unwrap_or(Value::Null);
    let values: Vec<&Value> = in_order.iter().chain(&optional).map(|name| &members_of[*name]).collect();
    let mut values: Vec<Value> = values.into_iter().cloned().collect();
    values[5] = values[4].clone();
    let payloads = [
        ("claims in an array", format!("[{claims}]")),
        ("the claims' values in an array", Value::from(values).to_string()),
        ("claims that are a string", json!(claims).to_string()),
        ("claims that are null", "null".to_owned()),
        ("no claims", "{}".to_owned()),
        ("claims twice", format!("{claims}{claims}")),
        ("exp twice", format!(r#"{{{members},"exp":9999999999}}"#)),
        ("sub twice", format!(r#"{{"sub":"id-of-alice",{members}}}"#)),
        ("claims that are not closed", claims.trim_end_matches('}').to_owned()),
        (
            "exp beyond every number",
            format!(r#"{{"exp":1e999,{}}}"#, forger.user().without("exp").payload().trim_matches(['{', '}'])),
        ),
    ];
    payloads
        .into_iter()
        .map(|(name, payload)| forgery(name, forger.issuer.sign_raw(&header, payload.as_bytes())))
        .collect()
}
