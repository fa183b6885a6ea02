//! Good tokens that were taken apart and put together otherwise (RFC 7515 §3, RFC 4648 §3.5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{Forger, Forgery, forgery};
use crate::MAX_TOKEN_BYTES;

pub(super) fn forge(forger: &Forger<'_>) -> Vec<Forgery> {
    let groups = [wrong_number_of_parts, wrong_length, other_spellings, reassembled, other_serializations];
    groups.iter().flat_map(|group| group(forger)).collect()
}

/// The three parts of a good token.
fn parts(forger: &Forger<'_>) -> [String; 3] {
    let builder = forger.user();
    let token = builder.sign();
    let mut parts = token.split('.').map(str::to_owned);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

fn wrong_number_of_parts(forger: &Forger<'_>) -> Vec<Forgery> {
    let [header, payload, signature] = parts(forger);
    vec![
        forgery("one part", header.clone()),
        forgery("two parts", format!("{header}.{payload}")),
        forgery("four parts", format!("{header}.{payload}.{signature}.{signature}")),
        forgery("four parts, the first empty", format!(".{header}.{payload}.{signature}")),
        forgery("four parts, the last empty", format!("{header}.{payload}.{signature}.")),
        forgery("five parts", format!("{header}.{payload}.{signature}.{payload}.{signature}")),
        forgery("two dots", ".."),
        forgery("empty header", format!(".{payload}.{signature}")),
        forgery("empty payload", format!("{header}..{signature}")),
        forgery("empty signature", format!("{header}.{payload}.")),
        forgery("an opaque token", "AQAAAZqXy3l7c5m2kq0x8u6F1vT4nW9hR7sJdK3bLpQe"),
    ]
}

fn wrong_length(forger: &Forger<'_>) -> Vec<Forgery> {
    let [header, payload, signature] = parts(forger);
    let bytes = URL_SAFE_NO_PAD.decode(&signature).unwrap_or_default();
    let with_signature = |bytes: &[u8]| format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(bytes));
    vec![
        forgery("oversized", forger.user().claim("padding", "x".repeat(MAX_TOKEN_BYTES)).sign()),
        forgery("cut by a character", format!("{header}.{payload}.{}", &signature[..signature.len() - 1])),
        forgery("cut in the signature", format!("{header}.{payload}.{}", &signature[..signature.len() / 2])),
        forgery("cut in the payload", format!("{header}.{}.{signature}", &payload[..payload.len() - 4])),
        forgery("signature with a leading zero", with_signature(&[&[0], &bytes[..]].concat())),
        forgery("signature with a trailing zero", with_signature(&[&bytes[..], &[0]].concat())),
        forgery("signature of zeros", with_signature(&vec![0; bytes.len()])),
        forgery("signature of ones", with_signature(&vec![0xff; bytes.len()])),
        forgery("signature one", with_signature(&[&vec![0; bytes.len() - 1][..], &[1]].concat())),
    ]
}

fn other_spellings(forger: &Forger<'_>) -> Vec<Forgery> {
    let [header, payload, signature] = parts(forger);
    vec![
        forgery("padded signature", format!("{header}.{payload}.{signature}==")),
        forgery("padded payload", format!("{header}.{payload}=.{signature}")),
        forgery("padded header", format!("{header}=.{payload}.{signature}")),
        forgery("stray bits in the signature", format!("{header}.{payload}.{}", with_stray_bits(&signature))),
        forgery("dots percent-encoded", format!("{header}%2E{payload}%2E{signature}")),
        forgery(
            "signature percent-encoded",
            format!("{header}.{payload}.%{:02X}{}", signature.as_bytes()[0], &signature[1..]),
        ),
        forgery("signature in standard base64", {
            let token = std::iter::repeat_with(|| parts(forger)).find(|parts| parts[2].contains(['-', '_']));
            token.unwrap_or_default().join(".").replace('-', "+").replace('_', "/")
        }),
        forgery("quoted", format!("\"{header}.{payload}.{signature}\"")),
        forgery("with a comma", format!("{header}.{payload}.{signature},")),
        forgery("with a semicolon", format!("{header}.{payload}.{signature};")),
    ]
}

/// Changes bits of the last character that no byte is made of: a lenient reader decodes the same signature.
fn with_stray_bits(signature: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (kept, last) = signature.split_at(signature.len() - 1);
    let value = ALPHABET.find(last).unwrap_or_default();
    format!("{kept}{}", &ALPHABET[value + 1..value + 2])
}

fn reassembled(forger: &Forger<'_>) -> Vec<Forgery> {
    let good = forger.user();
    let (header_json, payload_json) = (good.header_json(), good.payload());
    let [header, payload, signature] =
        [URL_SAFE_NO_PAD.encode(&header_json), URL_SAFE_NO_PAD.encode(&payload_json), {
            good.sign().rsplit_once('.').map_or_else(String::new, |(_, signature)| signature.to_owned())
        }];
    let respelled = |json: &str| URL_SAFE_NO_PAD.encode(json.replacen('{', "{ ", 1));
    let admin = URL_SAFE_NO_PAD.encode(forger.user().roles(["admin"]).payload());
    let later = URL_SAFE_NO_PAD.encode(forger.user().expires_in(86_400).payload());
    let [_, _, of_another] = parts(forger);
    vec![
        forgery("header written anew", format!("{}.{payload}.{signature}", respelled(&header_json))),
        forgery("payload written anew", format!("{header}.{}.{signature}", respelled(&payload_json))),
        forgery("payload with the role admin", format!("{header}.{admin}.{signature}")),
        forgery("payload with a later exp", format!("{header}.{later}.{signature}")),
        forgery("signature of another token", format!("{header}.{payload}.{of_another}")),
        forgery("header and payload swapped", format!("{payload}.{header}.{signature}")),
        forgery("header as payload", format!("{header}.{header}.{signature}")),
    ]
}

fn other_serializations(forger: &Forger<'_>) -> Vec<Forgery> {
    let [header, payload, signature] = parts(forger);
    let flattened = json!({ "protected": header, "payload": payload, "signature": signature });
    let general =
        json!({ "payload": payload, "signatures": [{ "protected": header, "signature": signature }] });
    vec![
        forgery("flattened JSON serialization", flattened.to_string()),
        forgery("general JSON serialization", general.to_string()),
        forgery("flattened JSON serialization, encoded", URL_SAFE_NO_PAD.encode(flattened.to_string())),
    ]
}
