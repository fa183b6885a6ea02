//! What tokens are made with: the key folder, signing keys (RFC 7517), refresh secrets, the issuer (RFC 9068),
//! status lists (draft-ietf-oauth-status-list).

mod folder_changes;
mod issuer;
mod journal;
mod key_changes;
mod key_folder;
mod key_ring;
mod key_watch;
mod keys;
mod narrowing;
mod refresh_secret;
mod rotation;
mod shared_reading;
mod signing_key;
mod status_indices;
mod status_list;
mod succession;

pub use issuer::{AccessToken, Grant, TokenIssuer, TokenType};
pub use journal::{ScheduledChange, ScheduledStep};
pub use key_changes::{Revoked, Successor};
pub use key_folder::{FolderError, KeyFolder, Kind};
pub use key_ring::{KeyRing, ListedKey};
pub use keys::Keys;
pub use narrowing::{Excess, Narrowing};
pub use refresh_secret::{RefreshSecret, SECRET_ID_BYTES, SecretId};
pub use rotation::{Rotation, jwks_max_age};
pub use signing_key::SigningKey;
pub use status_indices::StatusIndices;
pub use status_list::{SignedStatusList, StatusListRules, StatusLists};
pub use succession::KeyState;
