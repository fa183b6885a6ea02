//! What changes a client, with all that it does to its tokens. Every way to such a change (an administrator's endpoints,
//! the command line) leads through here.
//!
//! Each function is called in a transaction, holds the client's row before it reads anything, and records what it did.
//! What is held is held in one order: the names of clients, a client's row, the counter of places.

mod secrets;

pub use secrets::{add_secret, end_older_secret, replace_oldest_secret, replace_secrets};

use shared_service::{
    Ids,
    database::{DbConnection, is_unique_violation},
};

use super::{ClientName, ClientScopes, Secret, new_client_id};
use crate::{
    audit::{Event, Named, Recorder},
    store::{
        clients::{self, Client},
        guards,
        statuses::{self, Revocation},
    },
};

/// How many secrets of a client may live: one, and another while the first is being replaced everywhere.
pub const MAX_SECRETS: usize = 2;

/// Why a client was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ClientChangeError {
    /// It is not there, or no longer.
    #[error("there is no such client")]
    NotFound,
    /// Another one has the name.
    #[error("there is a client of this name already")]
    NameTaken,
    /// There is no room for one more secret.
    #[error("the client has two live secrets; end the older one first")]
    TwoSecrets,
    /// Without a secret the client could do nothing.
    #[error("this is the client's last live secret; add the new one first, or disable the client")]
    LastSecret,
    /// The database failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

/// The occasion of a change: when it happens, on whose behalf, and how tokens are revoked by it.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// Makes the ids of clients.
    pub ids: Ids,
    /// Unix milliseconds.
    pub now_ms: i64,
    /// How the tokens of whatever ends now are revoked.
    pub revocation: Revocation,
    /// Writes to the audit trail.
    pub recorder: Recorder,
}

/// A client to be made.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Its id, if it was chosen beforehand. Whoever gives one has made sure that no client has it or ever had.
    pub id: Option<String>,
    /// Its name.
    pub name: ClientName,
    /// What its tokens may allow.
    pub scopes: ClientScopes,
}

/// What is to be different. `None` leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub struct ClientChange {
    /// The name.
    pub name: Option<ClientName>,
    /// What its tokens may allow.
    pub scopes: Option<ClientScopes>,
    /// Whether it gets tokens.
    pub is_active: Option<bool>,
}

impl ClientChange {
    /// Whether nothing is to be different.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.scopes.is_none() && self.is_active.is_none()
    }
}

/// Makes a client with its first secret.
pub fn add(
    connection: &mut DbConnection,
    new: NewClient,
    secret: &Secret,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    let Occasion { ids, now_ms, recorder, .. } = occasion;
    guards::hold_client_names(connection)?;
    if clients::find_by_name(connection, new.name.as_str())?.is_some() {
        return Err(ClientChangeError::NameTaken);
    }
    let status = statuses::reserve(connection, 1)?.next().ok_or(diesel::result::Error::NotFound)?;
    let client = Client {
        id: new.id.unwrap_or_else(|| new_client_id(ids, *now_ms)),
        name: new.name.as_str().into(),
        scopes: new.scopes.as_str().into(),
        is_active: true,
        created_at: now_ms / 1000,
        status_list: status.list,
        status_idx: status.idx,
    };
    clients::insert(connection, &client).map_err(taken)?;
    recorder.write(
        connection,
        Event::ClientCreated,
        Some(&Named::from(&client)),
        Some(&scopes_of(&client)),
    )?;
    secrets::insert(connection, &client, secret, &[], occasion)?;
    Ok(client)
}

/// Changes a client and gives it as it is now. Tokens with other scopes than it has now, and those of a client that is
/// switched off, are revoked; switching it on again revives none. What is as it was changes nothing.
pub fn change(
    connection: &mut DbConnection,
    id: &str,
    change: &ClientChange,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    if change.name.is_some() {
        guards::hold_client_names(connection)?;
    }
    let before = held(connection, id)?;
    let name = change.name.as_ref().map(ClientName::as_str).filter(|name| *name != before.name);
    let scopes = change.scopes.as_ref().map(ClientScopes::as_str).filter(|scopes| *scopes != before.scopes);
    let is_active = change.is_active.filter(|is_active| *is_active != before.is_active);
    if let Some(name) = name {
        clients::set_name(connection, id, name).map_err(taken)?;
    }
    if let Some(scopes) = scopes {
        clients::set_scopes(connection, id, scopes)?;
    }
    if let Some(is_active) = is_active {
        clients::set_active(connection, id, is_active)?;
    }
    if scopes.is_some() || is_active == Some(false) {
        clients::renew_status(connection, id, occasion.revocation)?;
    }
    let after = clients::find(connection, id)?.ok_or(ClientChangeError::NotFound)?;
    record_changes(connection, &before, &after, &occasion.recorder)?;
    Ok(after)
}

/// Removes a client. Its tokens are revoked, its name is free again; its id is never given to another.
pub fn remove(
    connection: &mut DbConnection,
    id: &str,
    occasion: &Occasion,
) -> Result<Client, ClientChangeError> {
    let client = held(connection, id)?;
    statuses::block(connection, client.status(), occasion.revocation)?;
    clients::delete(connection, id, occasion.revocation.now)?;
    occasion.recorder.write(connection, Event::ClientDeleted, Some(&Named::from(&client)), None)?;
    Ok(client)
}

/// The client, which nobody else changes before the transaction has ended.
fn held(connection: &mut DbConnection, id: &str) -> Result<Client, ClientChangeError> {
    if !clients::hold(connection, id)? {
        return Err(ClientChangeError::NotFound);
    }
    clients::find(connection, id)?.ok_or(ClientChangeError::NotFound)
}

fn record_changes(
    connection: &mut DbConnection,
    before: &Client,
    after: &Client,
    recorder: &Recorder,
) -> Result<(), ClientChangeError> {
    let subject = Named::from(after);
    if before.name != after.name {
        let detail = format!("renamed from \"{}\"", before.name);
        recorder.write(connection, Event::ClientChanged, Some(&subject), Some(&detail))?;
    }
    if before.scopes != after.scopes {
        recorder.write(connection, Event::ClientChanged, Some(&subject), Some(&scopes_of(after)))?;
    }
    if before.is_active != after.is_active {
        let event = if after.is_active { Event::ClientActivated } else { Event::ClientDeactivated };
        recorder.write(connection, event, Some(&subject), None)?;
    }
    Ok(())
}

fn scopes_of(client: &Client) -> String {
    format!("scopes: {}", client.scopes)
}

fn taken(error: diesel::result::Error) -> ClientChangeError {
    if is_unique_violation(&error) { ClientChangeError::NameTaken } else { error.into() }
}
