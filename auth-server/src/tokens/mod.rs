//! What tokens are made with: the key folder, signing keys (RFC 7517), refresh secrets, the issuer (RFC 9068).

mod issuer;
mod key_folder;
mod key_ring;
mod narrowing;
mod refresh_secret;
mod signing_key;

pub use issuer::{AccessToken, Grant, TokenIssuer};
pub use key_folder::{FolderError, KeyFolder, Kind};
pub use key_ring::{KeyRing, KeyState, Keys, Rotation};
pub use narrowing::{Excess, Narrowing};
pub use refresh_secret::{RefreshSecret, SECRET_ID_BYTES, SecretId};
pub use signing_key::SigningKey;
