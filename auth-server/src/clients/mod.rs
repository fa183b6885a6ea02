//! Clients: services that have tokens of their own (RFC 6749 §2). What makes, changes and removes one, whoever asks for it.

pub mod changes;
mod checked;
mod ensure;
mod secret;

pub use changes::{ClientChange, ClientChangeError, MAX_SECRETS, NewClient, Occasion};
pub use checked::{ClientName, ClientScopes};
pub use ensure::{Done, EnsureError, WantedClient, ensure, may_ensure};
pub use secret::{Secret, is_one_of};

use shared_service::Ids;
use uuid::Uuid;

/// No id of a user begins like this, so no service can pass for a user.
const PREFIX: &str = "svc_";

/// A new `client_id`: the prefix, and a UUIDv7 without hyphens.
pub fn new_client_id(ids: &Ids, now_ms: i64) -> String {
    client_id_of(ids.next(now_ms))
}

/// The `client_id` with this UUID.
pub fn client_id_of(id: Uuid) -> String {
    format!("{PREFIX}{}", id.simple())
}

/// The part of a `client_id` that is a UUID, which cursors are made of.
pub fn uuid_part(client_id: &str) -> &str {
    client_id.strip_prefix(PREFIX).unwrap_or(client_id)
}

/// The UUID in a `client_id`, if it is one in the one spelling there is.
pub fn parse_client_id(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text.strip_prefix(PREFIX)?).ok()?;
    (client_id_of(id) == text).then_some(id)
}
