//! Status lists: which tokens were revoked before they expired (draft-ietf-oauth-status-list-21).
//!
//! A token names an entry of a list that its issuer publishes. A list is fetched when a token first names it and
//! refreshed by a background task of its own for as long as tokens name it, so that a request waits for the network only
//! when there is no list at all to look at, or when that task has stalled.

mod cached_list;
mod list;
mod list_claims;
mod list_token;
mod lists;
mod refresher;
mod snapshot;
mod source;

pub use self::{
    list::{StatusList, StatusListError},
    list_claims::{EncodedStatusList, STATUS_LIST_MEDIA_TYPE, STATUS_LIST_TYPE, StatusListClaims},
};
pub(super) use self::{lists::StatusLists, source::ListSource};
