//! What changes the secrets of a client.

use shared_service::{Ids, database::DbConnection};
use uuid::Uuid;

use super::{ClientChangeError, MAX_SECRETS, Occasion, held};
use crate::{
    audit::{Event, Named},
    clients::Secret,
    store::clients::{self, Client, ClientSecret},
};

/// Adds a second secret. Both live until the older one is ended, so that whoever uses it can be given the new one in
/// peace.
pub fn add_secret(
    connection: &mut DbConnection,
    id: &str,
    secret: &Secret,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    let client = held(connection, id)?;
    let live = clients::secrets(connection, id)?;
    if live.len() >= MAX_SECRETS {
        return Err(ClientChangeError::TwoSecrets);
    }
    insert(connection, &client, secret, &live, occasion)?;
    Ok(client)
}

/// Ends the older of two secrets. Tokens that it has fetched live on: they are the client's.
pub fn end_older_secret(
    connection: &mut DbConnection,
    id: &str,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    let client = held(connection, id)?;
    let live = clients::secrets(connection, id)?;
    match live.as_slice() {
        [older, _, ..] => end(connection, &client, older, occasion)?,
        _ => return Err(ClientChangeError::LastSecret),
    }
    Ok(client)
}

/// Adds a secret and ends the oldest, in one step. How many live stays the same.
pub fn replace_oldest_secret(
    connection: &mut DbConnection,
    id: &str,
    secret: &Secret,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    replace(connection, id, secret, 1, occasion)
}

/// Adds a secret and ends all others, in one step: for when one has leaked and nobody is sure which.
pub fn replace_secrets(
    connection: &mut DbConnection,
    id: &str,
    secret: &Secret,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    replace(connection, id, secret, usize::MAX, occasion)
}

/// Adds a secret and ends so many of the oldest.
fn replace(
    connection: &mut DbConnection,
    id: &str,
    secret: &Secret,
    how_many: usize,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    let client = held(connection, id)?;
    let live = clients::secrets(connection, id)?;
    for old in live.iter().take(how_many) {
        end(connection, &client, old, occasion)?;
    }
    insert(connection, &client, secret, &live, occasion)?;
    Ok(client)
}

pub(super) fn insert(
    connection: &mut DbConnection,
    client: &Client,
    secret: &Secret,
    live: &[ClientSecret],
    occasion: &Occasion,
) -> Result<(), ClientChangeError> {
    let row = ClientSecret {
        id: newer_id(live, occasion.now_ms),
        client_id: client.id.clone(),
        secret_hash: secret.hash(),
        created_at: occasion.now_ms / 1000,
    };
    clients::insert_secret(connection, &row)?;
    Ok(occasion.recorder.write(connection, Event::ClientSecretAdded, Some(&Named::from(client)), None)?)
}

/// The order of the ids is that in which secrets were added, also when the clocks of those who added them differ: or the
/// new one would be ended for the older.
fn newer_id(live: &[ClientSecret], now_ms: i64) -> String {
    let millis = |secret: &ClientSecret| {
        let (seconds, nanos) = Uuid::parse_str(&secret.id).ok()?.get_timestamp()?.to_unix();
        i64::try_from(seconds * 1000 + u64::from(nanos / 1_000_000)).ok()
    };
    let newest = live.iter().filter_map(millis).max().unwrap_or(0);
    // A source of its own: that of the server would go on from a time ahead.
    Ids::new().next(now_ms.max(newest + 1)).to_string()
}

fn end(
    connection: &mut DbConnection,
    client: &Client,
    secret: &ClientSecret,
    occasion: &Occasion,
) -> Result<(), ClientChangeError> {
    clients::end_secret(connection, secret, occasion.now_ms / 1000)?;
    Ok(occasion.recorder.write(connection, Event::ClientSecretEnded, Some(&Named::from(client)), None)?)
}
