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

/// So many roles still fit into a token that verifiers take.
const MAX_ROLES: usize = 32;

/// The roles of a user: names of 1 to 32 of `a-z 0-9 _ -`, sorted and distinct. Names that the settings do not know grant
/// nothing here; services may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(Vec<String>);

impl Roles {
    /// Checks the names. The error says what would do.
    pub fn parse(names: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut names: Vec<String> = names.into_iter().collect();
        names.iter().try_for_each(|name| check_role(name))?;
        names.sort();
        names.dedup();
        if names.len() > MAX_ROLES {
            return Err(format!("a user has at most {MAX_ROLES} roles"));
        }
        Ok(Self(names))
    }

    /// Those of whoever signs up, and of whoever is given no others.
    pub fn of_everybody() -> Self {
        Self(vec!["user".into()])
    }

    /// The names.
    pub fn into_names(self) -> Vec<String> {
        self.0
    }
}

impl std::ops::Deref for Roles {
    type Target = [String];
    fn deref(&self) -> &[String] {
        &self.0
    }
}

fn check_role(name: &str) -> Result<(), String> {
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

    #[test]
    fn roles_are_plain_names_each_of_them_once() {
        let parse = |names: &[&str]| Roles::parse(names.iter().map(|name| (*name).to_owned()));
        assert_eq!(parse(&["user", "a-9_", "user"]).unwrap().into_names(), ["a-9_", "user"]);
        assert!(parse(&[]).unwrap().is_empty());
        for bad in ["", "Admin", "a b", "a,b", "é", &"x".repeat(33)] {
            assert!(parse(&["user", bad]).is_err(), "{bad}");
        }
        let many = |count| Roles::parse((0..count).map(|n| format!("role-{n}")));
        assert!(many(32).is_ok() && many(33).is_err());
    }
}
