use std::sync::LazyLock;

use proptest::{collection::vec, prelude::*, sample::Index};
use shared_claims::{KeySet, TokenRules, UnverifiedToken, testing::TestIssuer};

use super::support::AUDIENCE;

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/= \0\"";

struct World {
    issuer: TestIssuer,
    keys: KeySet,
    rules: TokenRules,
    token: String,
}

/// Made once: a key takes a tenth of a second, and thousands of cases share it.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let issuer = TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE);
    let token = issuer.user("alice").sign();
    let rules = TokenRules::new(issuer.url(), AUDIENCE);
    World { keys: issuer.keys(), rules, token, issuer }
});

impl World {
    fn accepts(&self, token: &str) -> bool {
        UnverifiedToken::parse(token).is_ok_and(|token| {
            self.keys.get(token.kid()).is_some_and(|key| token.verify(key, &self.rules).is_ok())
        })
    }
}

#[test]
fn no_single_character_of_a_good_token_can_be_changed() {
    let world = &*WORLD;
    assert!(world.accepts(&world.token));
    for position in 0..world.token.len() {
        for character in ALPHABET {
            let mut bytes = world.token.clone().into_bytes();
            if bytes[position] == *character {
                continue;
            }
            bytes[position] = *character;
            let mutated = String::from_utf8(bytes).unwrap();
            assert!(!world.accepts(&mutated), "position {position}, character {:?}", char::from(*character));
        }
    }
}

#[test]
fn no_single_character_can_be_left_out_or_doubled() {
    let world = &*WORLD;
    for position in 0..world.token.len() {
        let (before, after) = world.token.split_at(position);
        assert!(!world.accepts(&format!("{before}{}", &after[1..])), "left out {position}");
        assert!(!world.accepts(&format!("{before}{}{after}", &after[..1])), "doubled {position}");
    }
}

proptest! {
    #[test]
    fn reading_any_text_as_a_token_does_not_panic(text in any::<String>()) {
        prop_assert!(!WORLD.accepts(&text));
    }

    #[test]
    fn reading_any_three_parts_does_not_panic(text in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}") {
        prop_assert!(!WORLD.accepts(&text));
    }

    #[test]
    fn any_replaced_piece_makes_a_token_bad(start in any::<Index>(), end in any::<Index>(), piece in "[A-Za-z0-9_.=-]{0,12}") {
        let token = &WORLD.token;
        let (start, end) = (start.index(token.len()), end.index(token.len() + 1));
        let (start, end) = (start.min(end), start.max(end));
        let mutated = format!("{}{piece}{}", &token[..start], &token[end..]);
        prop_assert!(mutated == *token || !WORLD.accepts(&mutated));
    }

    #[test]
    fn any_signed_header_does_not_panic_and_is_not_accepted(header in any::<String>()) {
        let payload = r#"{"iss":"https://auth.example.com"}"#;
        prop_assert!(!WORLD.accepts(&WORLD.issuer.sign_raw(&header, payload.as_bytes())));
    }

    #[test]
    fn a_damaged_header_does_not_panic_and_is_not_accepted(at in any::<Index>(), character in any::<char>()) {
        let (header, payload) = decoded_parts();
        let mut characters: Vec<char> = header.chars().collect();
        let at = at.index(characters.len());
        prop_assume!(characters[at] != character);
        // Letters of the type may be of either case, and nothing else may.
        let in_type = header.find("at+jwt").unwrap()..header.find("at+jwt").unwrap() + 6;
        prop_assume!(!in_type.contains(&at) || !characters[at].eq_ignore_ascii_case(&character));
        characters[at] = character;
        let damaged: String = characters.into_iter().collect();
        prop_assert!(!WORLD.accepts(&WORLD.issuer.sign_raw(&damaged, &payload)), "{damaged}");
    }

    #[test]
    fn any_signed_payload_does_not_panic_and_is_not_accepted(payload in vec(any::<u8>(), 0..200)) {
        let (header, _) = decoded_parts();
        prop_assert!(!WORLD.accepts(&WORLD.issuer.sign_raw(&header, &payload)));
    }

    #[test]
    fn any_json_as_claims_does_not_panic_and_is_not_accepted(payload in json_text()) {
        let (header, _) = decoded_parts();
        prop_assert!(!WORLD.accepts(&WORLD.issuer.sign_raw(&header, payload.as_bytes())));
    }

    #[test]
    fn any_bytes_as_a_key_set_do_not_panic_and_give_no_keys(bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(KeySet::from_jwks(&bytes).is_err());
        prop_assert!(KeySet::from_pem(&bytes).is_err());
        prop_assert!(KeySet::from_file_contents(&bytes).is_err());
    }

    #[test]
    fn any_json_as_keys_does_not_panic_and_gives_no_keys(key in json_text()) {
        let jwks = format!(r#"{{"keys":[{key}]}}"#);
        prop_assert!(KeySet::from_jwks(jwks.as_bytes()).is_err());
    }

    #[test]
    fn any_numbers_as_a_key_do_not_panic_and_never_verify(n in vec(any::<u8>(), 0..600), e in vec(any::<u8>(), 0..12)) {
        let jwk = shared_claims::RsaJwk::new(&n, &e);
        if let Ok(key) = shared_claims::VerificationKey::try_from(&jwk) {
            let token = UnverifiedToken::parse(&WORLD.token).unwrap();
            prop_assert!(token.verify(&key, &WORLD.rules).is_err());
        }
    }

    #[test]
    fn any_pem_body_does_not_panic(body in "[A-Za-z0-9+/=\n ]{0,400}") {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
        prop_assert!(KeySet::from_pem(pem.as_bytes()).is_err());
    }
}

/// Header and payload of the good token.
fn decoded_parts() -> (String, Vec<u8>) {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut parts = WORLD.token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    (String::from_utf8(parts.next().unwrap()).unwrap(), parts.next().unwrap())
}

/// Objects of the names that matter and values of every type.
fn json_text() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "jti",
        "client_id",
        "scope",
        "roles",
        "kty",
        "use",
        "alg",
        "kid",
        "n",
        "e",
        "keys",
    ]);
    let values = prop_oneof![
        any::<String>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
        Just(serde_json::json!("RSA")),
        vec(any::<String>(), 0..3).prop_map(serde_json::Value::from),
    ];
    vec((names, values), 0..16).prop_map(|members| {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
        format!("{{{}}}", members.join(","))
    })
}
