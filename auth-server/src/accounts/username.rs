//! Names of users and of roles.

/// A username: 3 to 32 of `a-z A-Z 0-9 _ . -`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Checks a name. The error says what would do.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if !(3..=32).contains(&text.len()) || !text.chars().all(allowed) {
            return Err("must be 3 to 32 characters of a-z A-Z 0-9 _ . -");
        }
        Ok(Self(text.into()))
    }

    /// The name as it was chosen.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name by which it is unique: without regard to case.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Checks the name of a role: 1 to 32 of `a-z 0-9 _ -`.
pub fn check_role(name: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if (1..=32).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err(format!("\"{name}\" is not the name of a role: 1 to 32 characters of a-z 0-9 _ -"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_3_to_32_plain_characters() {
        for good in ["abc", "A_b.c-9", &"x".repeat(32)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ab", &"x".repeat(33), "a b c", "josé", "a\0bc", "abc ", "a/bc"] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Username::parse("Alice").unwrap().key(), "alice");
    }
}
