//! Scopes in a body: an array of names, or one text with blanks between them as RFC 6749 §3.3 has it.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use utoipa::ToSchema;

use crate::clients::ClientScopes;

/// Scopes: names of printable ASCII, 1024 characters together at the most. One text has blanks between them.
#[derive(Debug, ToSchema)]
#[schema(as = ScopesToGrant)]
#[serde(untagged)]
pub(super) enum UncheckedScopes {
    Names(Vec<String>),
    Text(String),
}

impl UncheckedScopes {
    pub(super) fn check(&self) -> Result<ClientScopes, &'static str> {
        match self {
            Self::Names(names) => ClientScopes::of(names),
            Self::Text(text) => ClientScopes::parse(text),
        }
    }
}

impl<'de> Deserialize<'de> for UncheckedScopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScopesVisitor)
    }
}

struct ScopesVisitor;

impl<'de> de::Visitor<'de> for ScopesVisitor {
    type Value = UncheckedScopes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of scopes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<UncheckedScopes, E> {
        Ok(UncheckedScopes::Text(text.to_owned()))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, names: A) -> Result<UncheckedScopes, A::Error> {
        Vec::deserialize(de::value::SeqAccessDeserializer::new(names)).map(UncheckedScopes::Names)
    }
}
