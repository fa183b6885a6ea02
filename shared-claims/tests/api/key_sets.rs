use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use shared_claims::{
    KeySet, KeySetError, RsaJwk, TokenError, TokenRules, UnverifiedToken, VerificationKey,
    testing::TestIssuer, thumbprint,
};

/// The example key of RFC 7638 §3.1.
const RFC_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs\
tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWh\
AI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

fn jwk() -> Value {
    TestIssuer::new("https://auth.example.com").jwks()["keys"][0].clone()
}

fn read(keys: &[Value]) -> Result<KeySet, KeySetError> {
    KeySet::from_jwks(json!({ "keys": keys }).to_string().as_bytes())
}

fn with(mut jwk: Value, member: &str, value: Value) -> Value {
    jwk[member] = value;
    jwk
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638() {
    let n = URL_SAFE_NO_PAD.decode(RFC_N).unwrap();
    assert_eq!(thumbprint(&n, &[1, 0, 1]), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let padded = [&[0, 0], &n[..]].concat();
    assert_eq!(thumbprint(&padded, &[0, 1, 0, 1]), thumbprint(&n, &[1, 0, 1]), "leading zeros do not count");
}

#[test]
fn a_published_key_has_its_public_members_and_no_others() {
    let n = URL_SAFE_NO_PAD.decode(RFC_N).unwrap();
    let jwk = RsaJwk::new(&n, &[1, 0, 1]);
    let kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    let expected = json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": RFC_N, "e": "AQAB" });
    assert_eq!(serde_json::to_value(&jwk).unwrap(), expected);
    assert_eq!(VerificationKey::try_from(&jwk).unwrap().kid(), kid);
}

#[test]
fn keys_for_other_purposes_are_skipped() {
    let good = jwk();
    let unusable = [
        ("kty", json!("EC")),
        ("kty", json!("rsa")),
        ("use", json!("enc")),
        ("alg", json!("RS512")),
        ("alg", json!("PS256")),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!([])),
        ("kid", json!("")),
        ("kid", json!("k".repeat(257))),
        ("kid", json!(1)),
        ("n", json!("")),
        ("n", json!(1)),
        ("n", json!("not base64url!")),
        ("n", json!(format!("{}=", good["n"].as_str().unwrap()))),
        ("e", json!("")),
        ("e", json!("AA")),
        ("e", json!("AQ")),
        ("e", json!("Ag")),
        ("e", json!("AQAAAAAAAAAB")),
    ];
    for (member, value) in unusable {
        let bad = with(good.clone(), member, value.clone());
        assert_eq!(
            read(std::slice::from_ref(&bad)).unwrap_err(),
            KeySetError::NoUsableKey,
            "{member} {value}"
        );
        let set = read(&[bad, with(good.clone(), "kid", json!("good"))]).unwrap();
        assert_eq!(set.kids().collect::<Vec<_>>(), ["good"], "{member} {value}");
    }
    for member in ["kty", "kid", "n", "e"] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(member);
        assert!(read(&[bad]).is_err(), "without {member}");
    }
    for bad in [json!(null), json!([]), json!("key"), json!({})] {
        assert!(read(&[bad]).is_err());
    }
}

#[test]
fn keys_that_say_less_or_more_are_taken() {
    let mut bare = jwk();
    for member in ["use", "alg"] {
        bare.as_object_mut().unwrap().remove(member);
    }
    let fuller = with(with(bare.clone(), "key_ops", json!(["sign", "verify"])), "x5t", json!("abc"));
    let set = read(&[bare, with(fuller, "kid", json!("fuller"))]).unwrap();
    assert_eq!(set.kids().count(), 2);
    assert!(set.get("fuller").is_some() && set.get("other").is_none());
}

#[test]
fn only_moduli_of_2048_to_8192_bits_are_taken() {
    for (bits, usable) in
        [(1024, false), (2047, false), (2048, true), (8192, true), (8193, false), (16384, false)]
    {
        let mut n = vec![0xff; usize::div_ceil(bits, 8)];
        n[0] >>= (8 - bits % 8) % 8;
        let key = VerificationKey::try_from(&RsaJwk::new(&n, &[1, 0, 1]));
        assert_eq!(key.is_ok(), usable, "{bits} bits");
    }
    let even = [&[0xff; 255][..], &[0xfe]].concat();
    assert!(VerificationKey::try_from(&RsaJwk::new(&even, &[1, 0, 1])).is_err());
}

#[test]
fn of_two_keys_with_one_kid_the_first_counts() {
    let issuers = ["https://a.example", "https://b.example"].map(TestIssuer::new);
    let same = |issuer: &TestIssuer| with(issuer.jwks()["keys"][0].clone(), "kid", json!("same"));
    let set = read(&[same(&issuers[0]), same(&issuers[1])]).unwrap();
    assert_eq!(set.kids().collect::<Vec<_>>(), ["same"]);
    let verify = |issuer: &TestIssuer| {
        let token = issuer.user("alice").header("kid", "same").sign();
        let rules = TokenRules::new(issuer.url(), "resource-api");
        UnverifiedToken::parse(&token)?.verify(set.get("same").unwrap(), &rules).map(|claims| claims.iss)
    };
    assert_eq!(verify(&issuers[0]).as_deref(), Ok("https://a.example"));
    assert_eq!(verify(&issuers[1]), Err(TokenError::Signature));
}

#[test]
fn what_is_not_a_key_set_is_refused() {
    for text in ["", "null", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, "<html>", r#"{"keys":[]"#] {
        assert_eq!(
            KeySet::from_jwks(text.as_bytes()).unwrap_err(),
            KeySetError::Malformed("a JWK Set"),
            "{text}"
        );
    }
    assert_eq!(read(&[]).unwrap_err(), KeySetError::NoUsableKey);
    let key = jwk();
    let keys =
        |count: usize| (0..count).map(|n| with(key.clone(), "kid", json!(n.to_string()))).collect::<Vec<_>>();
    assert_eq!(read(&keys(512)).unwrap().kids().count(), 512);
    assert_eq!(read(&keys(513)).unwrap_err(), KeySetError::TooManyKeys);
}

fn spki_pem(jwk: &Value) -> String {
    let numbers = ["n", "e"].map(|name| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    let key = aws_lc_rs::signature::RsaPublicKeyComponents { n: &numbers[0], e: &numbers[1] };
    let der: aws_lc_rs::encoding::PublicKeyX509Der<'_> = aws_lc_rs::encoding::AsDer::as_der(&key).unwrap();
    let base64 = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

#[test]
fn a_pem_file_gives_keys_by_thumbprint() {
    let (one, two) = (jwk(), jwk());
    let both = format!("# two keys\r\n{}\n\n{}", spki_pem(&one).replace('\n', "\r\n"), spki_pem(&two));
    let set = KeySet::from_file_contents(both.as_bytes()).unwrap();
    for key in [one, two] {
        assert!(set.get(key["kid"].as_str().unwrap()).is_some());
    }
}

#[tokio::test]
async fn tokens_verify_with_a_pem_and_with_a_jwks_file() {
    let issuer = TestIssuer::new("https://auth.example.com");
    let files = [spki_pem(&issuer.jwks()["keys"][0]), format!("\n {}", issuer.jwks())];
    for file in files {
        let keys = KeySet::from_file_contents(file.as_bytes()).unwrap();
        let verifier =
            shared_claims::Verifier::builder(issuer.url(), "resource-api").keys(keys).build().unwrap();
        verifier.verify(&issuer.user("alice").sign()).await.unwrap();
        assert_eq!(verifier.key_state(), shared_claims::KeyState::Fixed);
        assert!(verifier.warm_up().await);
    }
}

#[test]
fn other_pem_is_refused_with_a_reason() {
    let pem = spki_pem(&jwk());
    let relabelled = |label: &str| pem.replace("PUBLIC KEY", label);
    let refused = |pem: &str| KeySet::from_pem(pem.as_bytes()).unwrap_err();
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        assert_eq!(refused(&relabelled(label)), KeySetError::PrivateKey, "{label}");
        assert_eq!(
            refused(&format!("{pem}{}", relabelled(label))),
            KeySetError::PrivateKey,
            "after a good key"
        );
    }
    for text in [
        relabelled("CERTIFICATE"),
        relabelled("RSA PUBLIC KEY"),
        String::new(),
        pem.replace("-----END", "-----"),
    ] {
        assert!(matches!(refused(&text), KeySetError::Malformed(_)), "{text}");
    }
    assert!(matches!(refused(&pem.replacen('M', "*", 1)), KeySetError::Malformed(_)));
    let empty = "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n";
    assert_eq!(refused(empty), KeySetError::NoUsableKey);
}
