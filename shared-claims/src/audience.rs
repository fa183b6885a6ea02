use serde::{Deserialize, Serialize};

/// For whom a token is meant: the `aud` claim (RFC 7519 §4.1.3).
///
/// Written as an array always; read from an array of strings or from one string, as the RFC allows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Audience(#[serde(deserialize_with = "one_or_many")] Vec<String>);

impl Audience {
    /// Whether the token is meant for `name`, compared byte for byte.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|entry| entry == name)
    }

    /// The names, in the order of the token.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Audience {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a string or an array of strings")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(name) => vec![name],
        OneOrMany::Many(names) => names,
    })
}
