//! Services that have tokens of their own, and their secrets.

use diesel::prelude::*;
use shared_service::{database::DbConnection, page::Page};

use super::{
    schema::{client_secrets, clients, ended_client_secrets, removed_clients},
    statuses::{self, Revocation, StatusIndex},
};

/// A row of `clients`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = clients)]
pub struct Client {
    pub id: String,
    pub name: String,
    pub scopes: String,
    pub is_active: bool,
    pub created_at: i64,
    pub status_list: i64,
    pub status_idx: i64,
}

impl Client {
    /// Where the status of this client's tokens is published.
    pub fn status(&self) -> StatusIndex {
        StatusIndex { list: self.status_list, idx: self.status_idx }
    }
}

/// A row of `client_secrets`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = client_secrets)]
pub struct ClientSecret {
    pub id: String,
    pub client_id: String,
    pub secret_hash: Vec<u8>,
    pub created_at: i64,
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientSecret({} of {})", self.id, self.client_id)
    }
}

/// A client with its live secrets, from one reading.
#[derive(Debug, Clone)]
pub struct ClientWithSecrets {
    /// The row.
    pub client: Client,
    /// The older one first.
    pub secrets: Vec<ClientSecret>,
}

/// Adds a client. `UniqueViolation` when the name is taken.
pub fn insert(connection: &mut DbConnection, client: &Client) -> QueryResult<()> {
    diesel::insert_into(clients::table).values(client).execute(connection).map(drop)
}

/// The client of this id.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<Option<Client>> {
    clients::table.find(id).select(Client::as_select()).first(connection).optional()
}

/// The client of this name.
pub fn find_by_name(connection: &mut DbConnection, name: &str) -> QueryResult<Option<Client>> {
    let named = clients::table.filter(clients::name.eq(name));
    named.select(Client::as_select()).first(connection).optional()
}

/// The client of this id with its secrets.
pub fn find_with_secrets(connection: &mut DbConnection, id: &str) -> QueryResult<Option<ClientWithSecrets>> {
    let rows: Vec<(Client, Option<ClientSecret>)> = clients::table
        .left_join(client_secrets::table)
        .filter(clients::id.eq(id))
        .order(client_secrets::id)
        .select((Client::as_select(), Option::<ClientSecret>::as_select()))
        .load(connection)?;
    let client = rows.first().map(|(client, _)| client.clone());
    let secrets = rows.into_iter().filter_map(|(_, secret)| secret).collect();
    Ok(client.map(|client| ClientWithSecrets { client, secrets }))
}

/// One page of clients, newest first. `after` is the id of the last one given.
pub fn page(connection: &mut DbConnection, after: Option<&str>, page: &Page) -> QueryResult<Vec<Client>> {
    let mut query =
        clients::table.order(clients::id.desc()).limit(page.rows()).select(Client::as_select()).into_boxed();
    if let Some(after) = after {
        query = query.filter(clients::id.lt(after));
    }
    query.load(connection)
}

/// Every client.
pub fn all(connection: &mut DbConnection) -> QueryResult<Vec<Client>> {
    clients::table.order(clients::name).select(Client::as_select()).load(connection)
}

/// Holds the row for the rest of the transaction. False when there is no such client.
pub fn hold(connection: &mut DbConnection, id: &str) -> QueryResult<bool> {
    let row = clients::table.find(id);
    diesel::update(row).set(clients::name.eq(clients::name)).execute(connection).map(|rows| rows == 1)
}

/// The same for the client of this name.
pub fn hold_named(connection: &mut DbConnection, name: &str) -> QueryResult<bool> {
    let row = clients::table.filter(clients::name.eq(name));
    diesel::update(row).set(clients::name.eq(clients::name)).execute(connection).map(|rows| rows == 1)
}

/// Holds the rows of all clients for the rest of the transaction.
pub fn hold_all(connection: &mut DbConnection) -> QueryResult<()> {
    diesel::update(clients::table).set(clients::name.eq(clients::name)).execute(connection).map(drop)
}

/// Renames a client. `UniqueViolation` when the name is taken.
pub fn set_name(connection: &mut DbConnection, id: &str, name: &str) -> QueryResult<()> {
    diesel::update(clients::table.find(id)).set(clients::name.eq(name)).execute(connection).map(drop)
}

/// Replaces the scopes. That tokens with the old ones are revoked is the caller's to see to.
pub fn set_scopes(connection: &mut DbConnection, id: &str, scopes: &str) -> QueryResult<()> {
    diesel::update(clients::table.find(id)).set(clients::scopes.eq(scopes)).execute(connection).map(drop)
}

/// Switches a client on or off. That its tokens are revoked is the caller's to see to.
pub fn set_active(connection: &mut DbConnection, id: &str, is_active: bool) -> QueryResult<()> {
    diesel::update(clients::table.find(id))
        .set(clients::is_active.eq(is_active))
        .execute(connection)
        .map(drop)
}

/// Revokes the tokens of a client, and gives it a new place in a list for those to come. Call it in a transaction that
/// has held the row before it read anything.
pub fn renew_status(connection: &mut DbConnection, id: &str, revocation: Revocation) -> QueryResult<()> {
    let Some(old) = find(connection, id)?.map(|client| client.status()) else { return Ok(()) };
    place_anew(connection, id)?;
    statuses::block(connection, old, revocation)
}

/// Gives every client a new place in a list. Nothing is revoked: that is for who throws away all lists. Call it with all
/// rows held.
pub fn place_all_anew(connection: &mut DbConnection) -> QueryResult<()> {
    for client in all(connection)? {
        place_anew(connection, &client.id)?;
    }
    Ok(())
}

fn place_anew(connection: &mut DbConnection, id: &str) -> QueryResult<()> {
    for new in statuses::reserve(connection, 1)? {
        let place = (clients::status_list.eq(new.list), clients::status_idx.eq(new.idx));
        diesel::update(clients::table.find(id)).set(place).execute(connection)?;
    }
    Ok(())
}

/// The live secrets of a client, the older one first.
pub fn secrets(connection: &mut DbConnection, client_id: &str) -> QueryResult<Vec<ClientSecret>> {
    client_secrets::table
        .filter(client_secrets::client_id.eq(client_id))
        .order(client_secrets::id)
        .select(ClientSecret::as_select())
        .load(connection)
}

/// Adds a secret. How many may live is the caller's to see to, with the client's row held.
pub fn insert_secret(connection: &mut DbConnection, secret: &ClientSecret) -> QueryResult<()> {
    diesel::insert_into(client_secrets::table).values(secret).execute(connection).map(drop)
}

/// Ends a secret for good: it is remembered, so that nobody makes it good again. Unix seconds.
pub fn end_secret(connection: &mut DbConnection, secret: &ClientSecret, now: i64) -> QueryResult<()> {
    diesel::delete(client_secrets::table.find(&secret.id)).execute(connection)?;
    let ended = (
        ended_client_secrets::secret_hash.eq(&secret.secret_hash),
        ended_client_secrets::client_id.eq(&secret.client_id),
        ended_client_secrets::ended_at.eq(now),
    );
    diesel::insert_into(ended_client_secrets::table).values(ended).execute(connection).map(drop)
}

/// Whether the secret with this hash was ended, whichever client had it.
pub fn was_ended(connection: &mut DbConnection, secret_hash: &[u8]) -> QueryResult<bool> {
    let ended = ended_client_secrets::table.filter(ended_client_secrets::secret_hash.eq(secret_hash));
    diesel::select(diesel::dsl::exists(ended)).get_result(connection)
}

/// When the live secrets of these clients were made: pairs of a client's id and Unix seconds, the older one first.
pub fn secret_times(connection: &mut DbConnection, client_ids: &[String]) -> QueryResult<Vec<(String, i64)>> {
    client_secrets::table
        .filter(client_secrets::client_id.eq_any(client_ids))
        .order(client_secrets::id)
        .select((client_secrets::client_id, client_secrets::created_at))
        .load(connection)
}

/// Ends the secrets of a client, deletes it, and remembers its id. Call it with the row held; that its tokens are revoked
/// is the caller's to see to. Unix seconds.
pub fn delete(connection: &mut DbConnection, id: &str, now: i64) -> QueryResult<()> {
    for secret in secrets(connection, id)? {
        end_secret(connection, &secret, now)?;
    }
    diesel::delete(clients::table.find(id)).execute(connection)?;
    let removed = (removed_clients::id.eq(id), removed_clients::removed_at.eq(now));
    diesel::insert_into(removed_clients::table).values(removed).execute(connection).map(drop)
}

/// Whether a client has this id, or one had that was removed.
pub fn is_or_was(connection: &mut DbConnection, id: &str) -> QueryResult<bool> {
    let removed = diesel::dsl::exists(removed_clients::table.find(id));
    Ok(find(connection, id)?.is_some() || diesel::select(removed).get_result(connection)?)
}
