//! Tokens that every service must answer with 401, grouped by what the forger tampers with.

mod algorithm;
mod claims;
mod form;
mod header;
mod key;

use super::{TestIssuer, TokenBuilder};

/// A token that must be refused with 401.
#[derive(Debug, Clone)]
pub struct Forgery {
    /// What is wrong with it, for the message of a failed test.
    pub name: String,
    /// The token: printable ASCII without spaces, so that it can be sent in a header.
    pub token: String,
}

/// More than a hundred tokens that a service of this issuer and this audience must refuse, each wrong in one respect. The
/// times in them are as of the issuer's clock.
///
/// They are worth something only where the issuer's good tokens are accepted: test that as well.
pub fn forgeries(issuer: &TestIssuer, audience: &str) -> Vec<Forgery> {
    let forger =
        Forger { issuer, audience, other: TestIssuer::new(issuer.url()).with_clock(issuer.clock.clone()) };
    let groups = [algorithm::forge, key::forge, header::forge, claims::forge, form::forge];
    groups.iter().flat_map(|forge| forge(&forger)).collect()
}

struct Forger<'a> {
    issuer: &'a TestIssuer,
    audience: &'a str,
    /// Calls itself the same and has another key.
    other: TestIssuer,
}

impl Forger<'_> {
    /// A user's token that is good as it is.
    fn user(&self) -> TokenBuilder<'_> {
        self.issuer.user("mallory").audience(self.audience)
    }

    /// A service's token that is good as it is.
    fn service(&self) -> TokenBuilder<'_> {
        self.issuer.service("svc_mallory").audience(self.audience)
    }

    /// A token that is good but for the key that signed it.
    fn user_of_other(&self) -> TokenBuilder<'_> {
        self.other.user("mallory").audience(self.audience)
    }
}

fn forgery(name: impl Into<String>, token: impl Into<String>) -> Forgery {
    Forgery { name: name.into(), token: token.into() }
}
