//! An RSA key that signs RS256 (RFC 7518 §3.3), parsed once.

use anyhow::Context;
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::RSA_PKCS1_SHA256,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header};
use rsa::{
    RsaPrivateKey,
    pkcs8::{
        DecodePrivateKey, EncodePrivateKey, LineEnding, PrivateKeyInfo, SecretDocument, der::pem::PemLabel,
    },
    traits::PublicKeyParts,
};
use serde::Serialize;
use shared_claims::{RsaJwk, VerificationKey};
use zeroize::Zeroizing;

/// The size of the keys we make. 3072 bits would cost three times the signing time for a key that lives a month.
const SIZE: KeySize = KeySize::Rsa2048;

/// A private key and what is published of it. `Debug` shows the `kid` alone.
pub struct SigningKey {
    pair: KeyPair,
    jwk: RsaJwk,
    verification: VerificationKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

impl SigningKey {
    /// Makes a new private key, as PKCS#8 PEM. Takes some fifty milliseconds.
    pub fn generate_pem() -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let der: Pkcs8V1Der<'static> = KeyPair::generate(SIZE)?.as_der()?;
        let document = SecretDocument::try_from(der.as_ref())?;
        let pem = document.to_pem(PrivateKeyInfo::PEM_LABEL, LineEnding::LF)?;
        Ok(Zeroizing::new(pem.as_bytes().to_vec()))
    }

    /// Reads a private key. An error never shows the key.
    pub fn from_pem(pem: &[u8]) -> anyhow::Result<Self> {
        let pem = std::str::from_utf8(pem).ok().context("is not PEM")?;
        let key = RsaPrivateKey::from_pkcs8_pem(pem)
            .map_err(|_| anyhow::anyhow!("is not an RSA private key in PKCS#8 PEM (BEGIN PRIVATE KEY)"))?;
        let der = key.to_pkcs8_der()?;
        let pair = KeyPair::from_pkcs8(der.as_bytes())
            .map_err(|_| anyhow::anyhow!("is not an RSA key of 2048 to 8192 bits"))?;
        let jwk = RsaJwk::new(&key.n().to_bytes_be(), &key.e().to_bytes_be());
        let verification = VerificationKey::try_from(&jwk).map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self { pair, jwk, verification })
    }

    /// The key's id: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        self.jwk.kid()
    }

    /// The public half, as published.
    pub fn jwk(&self) -> &RsaJwk {
        &self.jwk
    }

    /// The public half, to check what the key signed.
    pub fn verification(&self) -> &VerificationKey {
        &self.verification
    }

    /// Signs `claims` as a compact JWS (RFC 7515 §3.1) with this `typ`.
    ///
    /// `jsonwebtoken::encode` would parse the private key on every call, three times the cost of the signature itself.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> anyhow::Result<String> {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(typ.into());
        header.kid = Some(self.kid().into());
        let mut jws = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header)?);
        jws.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut jws);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), jws.as_bytes(), &mut signature)?;
        jws.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut jws);
        Ok(jws)
    }
}
