//! The text of a post, checked where it enters.

use serde::Deserialize;

const MAX_CHARACTERS: usize = 500;

/// 1 to 500 characters (Unicode scalar values) that are not all blank, without U+0000. Kept as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PostContent(String);

impl TryFrom<String> for PostContent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("must not be empty or blank".into());
        }
        if text.chars().count() > MAX_CHARACTERS {
            return Err(format!("must have at most {MAX_CHARACTERS} characters"));
        }
        // PostgreSQL cannot store it.
        if text.contains('\0') {
            return Err("must not contain U+0000".into());
        }
        Ok(Self(text))
    }
}

impl From<PostContent> for String {
    fn from(content: PostContent) -> Self {
        content.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PostContent, String> {
        text.to_owned().try_into()
    }

    #[test]
    fn length_is_counted_in_characters_and_not_in_bytes() {
        assert!(parse(&"🦀".repeat(500)).is_ok());
        assert!(parse(&"a".repeat(501)).is_err());
        assert!(parse("a").is_ok());
    }

    #[test]
    fn what_is_kept_is_what_was_sent() {
        assert_eq!(String::from(parse(" two\nlines ").unwrap()), " two\nlines ");
    }

    #[test]
    fn blank_text_and_nul_are_refused() {
        for text in ["", " ", "\n\t", "\u{2003}", "a\0b"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
