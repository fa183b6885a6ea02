use serde::{Deserialize, Deserializer, Serialize};

use crate::{Audience, Principal, Scopes, User, numeric_date};

/// The `client_id` of tokens that users get by logging in. It is reserved: no registered client has it.
pub const FIRST_PARTY_CLIENT_ID: &str = "first-party";

/// The claims of an access token (RFC 9068 §2.2, RFC 7519 §4.1).
///
/// A value of this type proves nothing by itself: whoever reads it from JSON gets what somebody wrote. It can be
/// relied upon when it comes from a `Verifier` or an extractor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer, byte for byte.
    pub iss: String,
    /// The account's id, which is never given to another account; for a service its `client_id`.
    pub sub: String,
    /// The services that the token is meant for.
    pub aud: Audience,
    /// From this second on the token is no longer good. Unix time.
    #[serde(deserialize_with = "numeric_date::deserialize")]
    pub exp: i64,
    /// When the token was issued. Unix time.
    #[serde(deserialize_with = "numeric_date::deserialize")]
    pub iat: i64,
    /// Before this second the token is not good. Unix time.
    #[serde(
        default,
        deserialize_with = "numeric_date::optional::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub nbf: Option<i64>,
    /// The token's own id.
    pub jti: String,
    /// To whom the token was issued: [`FIRST_PARTY_CLIENT_ID`] or a service's id.
    pub client_id: String,
    /// What the token allows.
    pub scope: Scopes,
    /// The user's roles. Names, not an enumeration: an operator may add his own. Users' tokens only.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// The user's name when the token was issued. Key your data by `sub`: a name can be given away. Users' tokens only.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The login session that the token belongs to. Users' tokens only.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// When the user last gave his password. Unix time. Users' tokens only.
    #[serde(
        default,
        deserialize_with = "numeric_date::optional::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub auth_time: Option<i64>,
    /// Where the token's revocation status is published (Token Status List).
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl AccessClaims {
    /// Who the token speaks for.
    ///
    /// Verified claims are one or the other without a doubt. Claims built by hand that are neither count as a
    /// service, which has no roles and owns nothing of a user's.
    pub fn principal(&self) -> Principal<'_> {
        match (&self.username, &self.roles, &self.sid) {
            (Some(username), Some(roles), Some(session_id)) if self.client_id == FIRST_PARTY_CLIENT_ID => {
                Principal::User(User { id: &self.sub, username, roles, session_id })
            }
            _ => Principal::Service { client_id: &self.client_id },
        }
    }
}

/// The `status` claim (draft-ietf-oauth-status-list §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The entry of a status list that tells whether the token was revoked.
    pub status_list: StatusListRef,
}

/// One entry of a published status list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusListRef {
    /// The entry's position in the list, from 0.
    pub idx: u64,
    /// The list's address, which is also its `sub`.
    pub uri: String,
}

/// A member that is there must have its type: `null` is not a way to leave out a claim.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_user() -> AccessClaims {
        AccessClaims {
            iss: "https://auth.example.com".to_owned(),
            sub: "id-of-alice".to_owned(),
            aud: ["notes-service"].into_iter().collect(),
            exp: 300,
            iat: 0,
            nbf: None,
            jti: "j".to_owned(),
            client_id: FIRST_PARTY_CLIENT_ID.to_owned(),
            scope: Scopes::default(),
            roles: Some(vec!["user".to_owned()]),
            username: Some("alice".to_owned()),
            sid: Some("s".to_owned()),
            auth_time: Some(0),
            status: None,
        }
    }

    #[test]
    fn a_complete_first_party_token_is_a_users() {
        let claims = of_user();
        let Principal::User(user) = claims.principal() else { panic!("a user") };
        assert_eq!((user.id, user.username, user.session_id), ("id-of-alice", "alice", "s"));
        assert_eq!(user.roles, ["user"]);
    }

    #[test]
    fn claims_that_are_neither_have_the_least_rights() {
        let half = [
            AccessClaims { roles: None, ..of_user() },
            AccessClaims { username: None, ..of_user() },
            AccessClaims { sid: None, ..of_user() },
            AccessClaims { client_id: "svc".to_owned(), ..of_user() },
        ];
        for claims in half {
            assert!(matches!(claims.principal(), Principal::Service { .. }), "{claims:?}");
        }
    }
}
