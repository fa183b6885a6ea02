use serde_json::{Map, Value, json};

use super::TestIssuer;

/// A token that is good unless a test says otherwise, and is then signed all the same.
#[derive(Debug, Clone)]
#[must_use = "a token is made by sign()"]
pub struct TokenBuilder<'i> {
    issuer: &'i TestIssuer,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl<'i> TokenBuilder<'i> {
    pub(super) fn new(issuer: &'i TestIssuer) -> Self {
        Self { issuer, header: Map::new(), claims: Map::new() }
    }

    /// The scopes, space-delimited.
    pub fn scope(self, scope: &str) -> Self {
        self.claim("scope", scope)
    }

    /// The roles.
    pub fn roles<'a>(self, roles: impl IntoIterator<Item = &'a str>) -> Self {
        self.claim("roles", roles.into_iter().collect::<Vec<_>>())
    }

    /// The one service that the token is meant for, besides the issuer itself.
    pub fn audience(self, audience: &str) -> Self {
        let issuer = self.issuer.url.clone();
        self.claim("aud", json!([audience, issuer]))
    }

    /// `exp`, in seconds from now; a negative number for a token that has expired.
    pub fn expires_in(self, seconds: i64) -> Self {
        let exp = self.issuer.clock.now_secs() + seconds;
        self.claim("exp", exp)
    }

    /// The entry of the issuer's status list that tells whether the token was revoked.
    pub fn status(self, list: u64, idx: u64) -> Self {
        let uri = self.issuer.status_list_url(list);
        self.claim("status", json!({ "status_list": { "idx": idx, "uri": uri } }))
    }

    /// Any claim with any value.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves out a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Any header member with any value.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves out a header member.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// The token, signed with RS256 whatever its header says.
    pub fn sign(&self) -> String {
        self.issuer.sign_raw(&self.header_json(), self.payload().as_bytes())
    }

    pub(super) fn header_json(&self) -> String {
        Value::from(self.header.clone()).to_string()
    }

    pub(super) fn payload(&self) -> String {
        Value::from(self.claims.clone()).to_string()
    }
}
