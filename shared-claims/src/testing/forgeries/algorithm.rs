//! Confusion about how a token is signed (RFC 8725 §2.1).

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
        RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
    },
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{Forger, Forgery, forgery};
use crate::testing::{
    TokenBuilder,
    issuer::{public_key_der, signing_input},
};

pub(super) fn forge(forger: &Forger<'_>) -> Vec<Forgery> {
    let groups = [unsigned, misnamed, signed_with_the_public_key, signed_otherwise];
    groups.iter().flat_map(|group| group(forger)).collect()
}

fn unsigned(forger: &Forger<'_>) -> Vec<Forgery> {
    let mut tokens = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "none ", ""] {
        let token = forger.user().header("alg", alg);
        tokens.push(forgery(format!("alg {alg:?}, no signature"), format!("{}.", input(&token))));
        tokens.push(forgery(format!("alg {alg:?}, a good signature"), token.sign()));
    }
    tokens
}

fn misnamed(forger: &Forger<'_>) -> Vec<Forgery> {
    let names: [Value; 8] = [
        json!("rs256"),
        json!("RS256 "),
        json!("RS-256"),
        json!("RSA"),
        json!(null),
        json!(256),
        json!(["RS256"]),
        json!({}),
    ];
    let mut tokens: Vec<Forgery> = names
        .into_iter()
        .map(|alg| forgery(format!("alg {alg}, a good signature"), forger.user().header("alg", alg).sign()))
        .collect();
    tokens.push(forgery("alg missing", forger.user().without_header("alg").sign()));
    tokens
}

/// The classic: the verifier takes its RSA public key for an HMAC secret, and everybody knows that.
fn signed_with_the_public_key(forger: &Forger<'_>) -> Vec<Forgery> {
    let der = public_key_der(&forger.issuer.key);
    let pem = pem(&der);
    let jwk = &forger.issuer.jwk;
    let secrets: [(&str, Vec<u8>); 9] = [
        ("PEM", pem.clone().into_bytes()),
        ("PEM without the last newline", pem.trim_end().as_bytes().to_vec()),
        ("SPKI DER", der),
        ("PKCS#1 DER", forger.issuer.key.public_key().as_ref().to_vec()),
        ("modulus", URL_SAFE_NO_PAD.decode(jwk.n()).unwrap_or_default()),
        ("modulus in base64url", jwk.n().as_bytes().to_vec()),
        ("JWK", json!(jwk).to_string().into_bytes()),
        ("kid", jwk.kid().as_bytes().to_vec()),
        ("empty string", Vec::new()),
    ];
    let mut tokens = Vec::new();
    for (name, secret) in secrets {
        for alg in ["HS256", "RS256"] {
            let input = input(&forger.user().header("alg", alg));
            let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), input.as_bytes());
            let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
            tokens.push(forgery(format!("HMAC with the public key as {name}, alg {alg}"), token));
        }
    }
    tokens
}

fn signed_otherwise(forger: &Forger<'_>) -> Vec<Forgery> {
    let algorithms: [(&str, &'static dyn RsaEncoding); 5] = [
        ("RS384", &RSA_PKCS1_SHA384),
        ("RS512", &RSA_PKCS1_SHA512),
        ("PS256", &RSA_PSS_SHA256),
        ("PS384", &RSA_PSS_SHA384),
        ("PS512", &RSA_PSS_SHA512),
    ];
    let mut tokens = Vec::new();
    for (name, algorithm) in algorithms {
        for alg in [name, "RS256"] {
            let input = input(&forger.user().header("alg", alg));
            let token = format!("{input}.{}", forger.issuer.signature(algorithm, &input));
            tokens.push(forgery(format!("signed with {name} by the right key, alg {alg}"), token));
        }
    }
    for alg in ["ES256", "RS256"] {
        tokens.push(forgery(
            format!("signed with ES256, alg {alg}"),
            signed_with_es256(&forger.user().header("alg", alg)),
        ));
    }
    tokens
}

#[expect(clippy::expect_used, reason = "the system has random numbers, and this is for tests")]
fn signed_with_es256(token: &TokenBuilder<'_>) -> String {
    let input = input(token);
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a P-256 key can be generated");
    let signature = key.sign(&SystemRandom::new(), input.as_bytes()).expect("a new key can sign");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn input(token: &TokenBuilder<'_>) -> String {
    signing_input(&token.header_json(), token.payload().as_bytes())
}

fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
    for (position, character) in base64.chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            pem.push('\n');
        }
        pem.push(character);
    }
    pem + "\n-----END PUBLIC KEY-----\n"
}
