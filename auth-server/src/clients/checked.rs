//! What an administrator says about a client, checked.

use shared_claims::Scopes;
use unicode_normalization::UnicodeNormalization;

use super::parse_client_id;

/// The longest name, in characters.
const MAX_NAME: usize = 64;
/// All scopes together, in characters, with the blanks between: so wide is their column, and a token carries them.
const MAX_SCOPES: usize = 1024;

/// The name by which people know a client: 1 to 64 visible characters, in NFC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientName(String);

impl ClientName {
    /// Checks a name. The error says what would do.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let name: String = text.nfc().collect();
        let is_plain =
            !name.starts_with(' ') && !name.ends_with(' ') && name.chars().all(is_visible_or_blank);
        if !is_plain || !(1..=MAX_NAME).contains(&name.chars().count()) {
            return Err("must be 1 to 64 visible characters, with no blank at either end");
        }
        // Commands take a name or an id: one client's name must not be the id of another.
        if parse_client_id(&name).is_some() {
            return Err("must not have the form of a client_id");
        }
        Ok(Self(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Two names that look alike in a list must not be two clients: what is not seen is refused.
fn is_visible_or_blank(c: char) -> bool {
    let is_invisible = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    c == ' ' || !(c.is_control() || c.is_whitespace() || is_invisible)
}

/// What a client's tokens may allow: scopes (RFC 6749 §3.3), sorted and distinct, 1024 characters at most. There may be
/// none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientScopes(String);

impl ClientScopes {
    /// Checks names that were given one by one. The error says what would do.
    pub fn of(names: &[impl AsRef<str>]) -> Result<Self, &'static str> {
        let is_one = |name: &str| !name.is_empty() && !name.contains(' ');
        if names.iter().all(|name| is_one(name.as_ref())) {
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            return Self::parse(&names.join(" "));
        }
        Err("must be one scope each")
    }

    /// Checks names that stand in one text, with single blanks between.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let scopes: Scopes = text
            .parse()
            .map_err(|_| "must be names of printable ASCII without blanks, quotes and backslashes")?;
        let text = scopes.to_string();
        if text.len() > MAX_SCOPES {
            return Err("must have at most 1024 characters together");
        }
        Ok(Self(text))
    }

    /// As they are stored: with blanks between.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_1_to_64_visible_characters() {
        for good in ["a", "resource-api", "Billing, night shift", "Größe 🦀", &"é".repeat(64)] {
            assert_eq!(ClientName::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["", " ", " a", "a ", "a\tb", "a\nb", "a\0b", "a\u{a0}b", "a\u{200b}b", "a\u{202e}b", "\u{feff}a"]
        {
            assert!(ClientName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(ClientName::parse(&"x".repeat(65)).is_err());
    }

    #[test]
    fn one_name_has_one_spelling_and_is_no_id() {
        assert_eq!(ClientName::parse("Cafe\u{301}"), ClientName::parse("Caf\u{e9}"));
        assert!(ClientName::parse("svc_0192f0c123457000800000000000abcd").is_err());
        assert!(ClientName::parse("svc_billing").is_ok());
    }

    #[test]
    fn scopes_are_sorted_distinct_and_bounded() {
        assert_eq!(ClientScopes::of(&["b", "a", "b"]).unwrap().as_str(), "a b");
        assert_eq!(ClientScopes::parse("b a b"), ClientScopes::of(&["a", "b"]));
        assert_eq!(ClientScopes::parse("").unwrap().as_str(), "");
        for bad in ["", " ", "a b", "a a", "a\"", "a\\", "é", "a\n"] {
            assert!(ClientScopes::of(&[bad]).is_err(), "{bad:?}");
        }
        assert!(ClientScopes::parse("a  b").is_err());
        assert!(ClientScopes::of(&["x".repeat(1024)]).is_ok());
        assert!(ClientScopes::of(&["x".repeat(1024), "y".into()]).is_err());
    }
}
