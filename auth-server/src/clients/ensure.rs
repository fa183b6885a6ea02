//! A client that has to be there: for deployments, which say what is to be and not what is to be done. However often and
//! by how many at once it is asked for, the end is the same.

use shared_service::database::DbConnection;

use super::{
    ClientChange, ClientChangeError, ClientName, ClientScopes, MAX_SECRETS, NewClient, Occasion, Secret,
    changes, is_one_of,
};
use crate::store::clients::{self, Client};

/// What is to be.
#[derive(Debug, Clone)]
pub struct WantedClient {
    /// A client of this name.
    pub name: ClientName,
    /// With these scopes and no others; `None`: whatever it has, and none when it is made.
    pub scopes: Option<ClientScopes>,
    /// With this `client_id`.
    pub id: Option<String>,
}

/// Why it cannot be.
#[derive(Debug, thiserror::Error)]
pub enum EnsureError {
    /// An administrator has switched it off, and it is not for a deployment to undo that.
    #[error("the client is switched off")]
    Inactive,
    /// The client of this name has another id than the one wanted.
    #[error("the client of this name has another id, {0}")]
    OtherId(String),
    /// The id wanted for a new client belongs to a client of another name, or belonged to one that was removed.
    #[error("the id is that of another client, or of one that was removed")]
    IdUsed,
    /// The secret was good once. Who ended it, or who still has it, nobody knows here.
    #[error("the secret was ended")]
    SecretEnded,
    /// It could not be made or changed.
    #[error(transparent)]
    Change(#[from] ClientChangeError),
}

impl From<diesel::result::Error> for EnsureError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Change(error.into())
    }
}

/// One thing that had to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The client was made, with the secret.
    Made,
    /// The scopes were replaced; tokens with the old ones are revoked.
    ScopesReplaced,
    /// The secret was added beside the one that lives.
    SecretAdded,
    /// The older of two secrets was ended, to make room.
    OlderSecretEnded,
}

/// Whether [`ensure`] would have nothing against it. Changes nothing.
pub fn may_ensure(connection: &mut DbConnection, wanted: &WantedClient) -> Result<(), EnsureError> {
    match clients::find_by_name(connection, wanted.name.as_str())? {
        Some(client) => accept(&client, wanted),
        None => id_is_free(connection, wanted),
    }
}

/// Sees to it that a client is as `wanted`, and that `secret` is live. Gives the client, and what had to be done for it.
/// Call it in a transaction. When it is refused, and when [`ClientChangeError::NameTaken`] says that somebody has made the
/// client just now, let the transaction fail; in the latter case try again.
pub fn ensure(
    connection: &mut DbConnection,
    wanted: &WantedClient,
    secret: &Secret,
    occasion: &Occasion,
) -> Result<(Client, Vec<Done>), EnsureError> {
    if !clients::hold_named(connection, wanted.name.as_str())? {
        return make(connection, wanted, secret, occasion);
    }
    let found =
        clients::find_by_name(connection, wanted.name.as_str())?.ok_or(ClientChangeError::NotFound)?;
    accept(&found, wanted)?;
    let mut done = Vec::new();
    let change = ClientChange { scopes: wanted.scopes.clone(), ..ClientChange::default() };
    let client = changes::change(connection, &found.id, &change, occasion)?;
    if client.scopes != found.scopes {
        done.push(Done::ScopesReplaced);
    }
    let live = clients::secrets(connection, &client.id)?;
    if is_one_of(secret.expose(), &live) {
        return Ok((client, done));
    }
    not_ended(connection, secret)?;
    if live.len() < MAX_SECRETS {
        changes::add_secret(connection, &client.id, secret, occasion)?;
    } else {
        changes::replace_oldest_secret(connection, &client.id, secret, occasion)?;
        done.push(Done::OlderSecretEnded);
    }
    done.push(Done::SecretAdded);
    Ok((client, done))
}

fn make(
    connection: &mut DbConnection,
    wanted: &WantedClient,
    secret: &Secret,
    occasion: &Occasion,
) -> Result<(Client, Vec<Done>), EnsureError> {
    id_is_free(connection, wanted)?;
    not_ended(connection, secret)?;
    let scopes = wanted.scopes.clone().unwrap_or_default();
    let new = NewClient { id: wanted.id.clone(), name: wanted.name.clone(), scopes };
    Ok((changes::add(connection, new, secret, occasion)?, vec![Done::Made]))
}

fn accept(client: &Client, wanted: &WantedClient) -> Result<(), EnsureError> {
    if wanted.id.as_ref().is_some_and(|id| *id != client.id) {
        return Err(EnsureError::OtherId(client.id.clone()));
    }
    if client.is_active { Ok(()) } else { Err(EnsureError::Inactive) }
}

fn id_is_free(connection: &mut DbConnection, wanted: &WantedClient) -> Result<(), EnsureError> {
    match &wanted.id {
        Some(id) if clients::is_or_was(connection, id)? => Err(EnsureError::IdUsed),
        _ => Ok(()),
    }
}

/// No deployment revives what an administrator has ended, such as a secret that has leaked.
fn not_ended(connection: &mut DbConnection, secret: &Secret) -> Result<(), EnsureError> {
    if clients::was_ended(connection, &secret.hash())? { Err(EnsureError::SecretEnded) } else { Ok(()) }
}
