use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A set of scopes: what a token allows (RFC 6749 §3.3).
///
/// On the wire it is one string of space-delimited, case-sensitive names, and the empty string is the empty set.
/// A value of this type holds well-formed names only, so that it can be put into a header or a token as it is.
///
/// ```
/// use shared_claims::Scopes;
///
/// let scopes: Scopes = "posts:write posts:read".parse()?;
/// assert!(scopes.contains("posts:read"));
/// assert_eq!(scopes.to_string(), "posts:read posts:write");
/// # Ok::<(), shared_claims::InvalidScope>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Whether the set has this scope.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// The scopes, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether `other` has every scope of this set.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The scopes that both sets have.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// Whether the set has no scope at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many scopes the set has.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromStr for Scopes {
    type Err = InvalidScope;

    /// Reads `scope-token *( SP scope-token )`, or the empty string. Doubled, leading and trailing spaces are not in
    /// that grammar and are refused.
    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.split(' ').all(is_scope_token) {
            Ok(Self(text.split(' ').map(str::to_owned).collect()))
        } else {
            Err(InvalidScope)
        }
    }
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`
fn is_scope_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

/// The union of the sets.
impl FromIterator<Scopes> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scopes>>(sets: I) -> Self {
        Self(sets.into_iter().flat_map(|set| set.0).collect())
    }
}

/// The union of the sets.
impl<'a> FromIterator<&'a Scopes> for Scopes {
    fn from_iter<I: IntoIterator<Item = &'a Scopes>>(sets: I) -> Self {
        sets.into_iter().cloned().collect()
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The text is not a list of scopes in the grammar of RFC 6749 §3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidScope;

impl fmt::Display for InvalidScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "scopes are names of printable ASCII without quotes and backslashes, separated by single spaces",
        )
    }
}

impl std::error::Error for InvalidScope {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set_with_one_spelling() {
        let scopes: Scopes = "b a b".parse().unwrap();
        assert_eq!(scopes.to_string(), "a b");
        assert_eq!(scopes.len(), 2);
        assert_eq!(scopes.iter().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn the_empty_string_is_the_empty_set() {
        let none: Scopes = "".parse().unwrap();
        assert!(none.is_empty());
        assert_eq!(none.to_string(), "");
    }

    #[test]
    fn what_the_grammar_forbids_is_refused() {
        for text in [" ", " a", "a ", "a  b", "a\tb", "a\nb", "\"", "a\\b", "é", "a\u{7f}", "\0"] {
            assert_eq!(text.parse::<Scopes>(), Err(InvalidScope), "{text:?}");
        }
    }

    #[test]
    fn set_operations_neither_add_nor_lose() {
        let [ab, bc]: [Scopes; 2] = ["a b", "b c"].map(|text| text.parse().unwrap());
        assert_eq!(ab.intersection(&bc).to_string(), "b");
        assert_eq!([&ab, &bc].into_iter().collect::<Scopes>().to_string(), "a b c");
        assert!(ab.intersection(&bc).is_subset(&ab));
        assert!(!ab.is_subset(&bc));
        assert!(!ab.contains("A"));
    }
}
