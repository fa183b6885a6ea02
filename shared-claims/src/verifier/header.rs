//! The header of a signed token: JOSE (RFC 7515 §4) narrowed to RS256, a `typ` and a `kid`.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

use super::{MAX_KID_BYTES, TokenError};

/// The `kid` of a header that is in order and has one of the `types`, in any case.
pub(super) fn parse(json: &[u8], types: [&str; 2]) -> Result<String, TokenError> {
    let header: Header = serde_json::from_slice(json).map_err(|_| TokenError::Header)?;
    // The algorithm is ours to choose. The header's word is compared with our choice, never looked up.
    if header.alg.as_deref() != Some("RS256") {
        return Err(TokenError::Algorithm);
    }
    if header.demands_extension {
        return Err(TokenError::Extension);
    }
    let typ = header.typ.ok_or(TokenError::Type)?;
    if !types.iter().any(|known| typ.eq_ignore_ascii_case(known)) {
        return Err(TokenError::Type);
    }
    header.kid.filter(|kid| (1..=MAX_KID_BYTES).contains(&kid.len())).ok_or(TokenError::KeyId)
}

#[derive(Default)]
struct Header {
    alg: Option<String>,
    typ: Option<String>,
    kid: Option<String>,
    demands_extension: bool,
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

/// Refuses every member that comes twice, known or not (RFC 7515 §4): two readers could each pick another one.
struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Header, A::Error> {
        let mut header = Header::default();
        let mut seen = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "alg" => header.alg = Some(members.next_value()?),
                "typ" => header.typ = Some(members.next_value()?),
                "kid" => header.kid = Some(members.next_value()?),
                "crit" | "b64" => {
                    header.demands_extension = true;
                    members.next_value::<IgnoredAny>()?;
                }
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
            if !seen.insert(name) {
                return Err(A::Error::custom("a member comes twice"));
            }
        }
        Ok(header)
    }
}
