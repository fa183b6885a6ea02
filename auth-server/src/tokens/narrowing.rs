//! Asking for less: tokens for fewer audiences or scopes than a session or a client allows, never for more (RFC 6749 §3.3
//! and §6, RFC 8707).

use std::collections::BTreeSet;

use shared_claims::{Audience, Scopes};

/// What a client asks for, well-formed but not yet compared with what it may have. Nothing asked = all of it.
#[derive(Debug, Clone, Default)]
pub struct Narrowing {
    audience: Option<BTreeSet<String>>,
    scope: Option<Scopes>,
}

/// More was asked for than there is, or nothing would be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// An audience that these tokens may not be for.
    Audience,
    /// A scope that neither the user's roles nor the client's registration grants.
    Scope,
}

impl Excess {
    /// What would do.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Audience => "must name one or more of the audiences that these tokens may be for",
            Self::Scope => {
                "must name scopes that the user's roles grant, or that the client is registered with"
            }
        }
    }
}

impl Narrowing {
    /// To these audiences; several may stand in one text, with blanks between.
    pub fn to_audience(requested: Option<&Audience>) -> Self {
        let names = |audience: &Audience| {
            audience.iter().flat_map(str::split_whitespace).map(str::to_owned).collect()
        };
        Self { audience: requested.map(names), scope: None }
    }

    /// And to this scope.
    #[must_use]
    pub fn and_scope(self, scope: Option<Scopes>) -> Self {
        Self { scope, ..self }
    }

    /// The audience asked for, of those allowed.
    pub fn audience_of<'a>(&self, allowed: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, Excess> {
        let allowed: Vec<&str> = allowed.into_iter().collect();
        let narrowed: Vec<String> = match &self.audience {
            None => allowed.into_iter().map(str::to_owned).collect(),
            Some(names) if names.iter().all(|name| allowed.contains(&name.as_str())) => {
                names.iter().cloned().collect()
            }
            Some(_) => return Err(Excess::Audience),
        };
        if narrowed.is_empty() { Err(Excess::Audience) } else { Ok(narrowed) }
    }

    /// The scope asked for, of what is granted.
    pub fn scope_of(&self, granted: Scopes) -> Result<Scopes, Excess> {
        match &self.scope {
            None => Ok(granted),
            Some(scope) if scope.is_subset(&granted) => Ok(scope.clone()),
            Some(_) => Err(Excess::Scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(names: &[&str]) -> Narrowing {
        Narrowing::to_audience(Some(&names.iter().copied().collect()))
    }

    #[test]
    fn an_audience_is_narrowed_never_widened_emptied_or_repeated() {
        assert_eq!(Narrowing::default().audience_of(["a", "b"]), Ok(vec!["a".into(), "b".into()]));
        assert_eq!(to(&["b"]).audience_of(["a", "b"]), Ok(vec!["b".into()]));
        assert_eq!(to(&["b a", "b"]).audience_of(["a", "b"]), Ok(vec!["a".into(), "b".into()]));
        for excessive in [&["c"][..], &["a", "c"], &[], &[" "]] {
            assert_eq!(to(excessive).audience_of(["a", "b"]), Err(Excess::Audience), "{excessive:?}");
        }
        assert_eq!(Narrowing::default().audience_of([]), Err(Excess::Audience));
    }
}
