use serde::{Deserialize, Serialize};

use super::{StatusList, StatusListError};
use crate::numeric_date;

/// The `typ` of a status list's JWT.
pub const STATUS_LIST_TYPE: &str = "statuslist+jwt";
/// The media type that a status list is published as.
pub const STATUS_LIST_MEDIA_TYPE: &str = "application/statuslist+jwt";

/// The claims of a status list's JWT (draft-ietf-oauth-status-list-21 §5.1).
///
/// A value of this type proves nothing by itself: whoever reads it from JSON gets what somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusListClaims {
    /// The list's address, as in the tokens' `status` claims.
    pub sub: String,
    /// When the statuses were as the list says. Unix time.
    #[serde(deserialize_with = "numeric_date::deserialize")]
    pub iat: i64,
    /// From this second on the list tells nothing any more. Unix time.
    #[serde(deserialize_with = "numeric_date::deserialize")]
    pub exp: i64,
    /// For how many seconds a copy may be kept before the next is fetched.
    pub ttl: u64,
    /// The statuses.
    pub status_list: EncodedStatusList,
}

/// A status list as it stands in a JWT (§4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodedStatusList {
    /// How many bits an entry has: 1, 2, 4 or 8.
    pub bits: u8,
    /// The bytes of the list as a zlib stream, in base64url.
    pub lst: String,
}

impl EncodedStatusList {
    /// Reads the list.
    pub fn decode(&self) -> Result<StatusList, StatusListError> {
        StatusList::decode(self.bits, &self.lst)
    }
}

impl From<&StatusList> for EncodedStatusList {
    fn from(list: &StatusList) -> Self {
        Self { bits: list.bits(), lst: list.encode() }
    }
}
