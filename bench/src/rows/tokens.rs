//! What auth-server does without hashing a password: tokens for services, refreshes, questions about a token.

use anyhow::Result;

use crate::{
    accounts::{self, Session, refresh_request},
    http::{Connection, Request},
    load::{self, Client},
    world::{CLIENTS, World},
};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub(crate) fn client_credentials_request(world: &World) -> Request {
    let headers = [FORM, ("authorization", &world.service)];
    Request::new("POST", "/oauth/token", &headers, "grant_type=client_credentials")
}

pub(super) fn client_credentials(world: &World) -> Result<Vec<Client>> {
    Ok(load::same(CLIENTS, &client_credentials_request(world), 200))
}

pub(super) fn introspect(world: &World) -> Result<Vec<Client>> {
    let body = format!("token={}", world.reader.access_token);
    let request =
        Request::new("POST", "/oauth/introspect", &[FORM, ("authorization", &world.service)], &body);
    let client = |_| load::same_with(request.clone(), 200, r#""active":true"#);
    Ok((0..CLIENTS).map(client).collect())
}

/// Everybody presents the newest link of a session of his own, of which all have been told just now.
pub(super) fn refresh_repeated(world: &World) -> Result<Vec<Client>> {
    let sessions = log_in_all(world)?;
    // Not before: the server closes a connection on which it waits too long for a request.
    let mut connection = Connection::open(world.auth.port)?;
    let client = |session: Session| -> Result<Client> {
        let newest = accounts::refresh(&mut connection, &session.refresh_token)?;
        Ok(load::same_with(refresh_request(&newest.refresh_token), 200, "access_token"))
    };
    sessions.into_iter().map(client).collect()
}

/// Everybody presents what he got the time before.
pub(super) fn refresh(world: &World) -> Result<Vec<Client>> {
    let client = |mut session: Session| -> Client {
        Box::new(move |connection| {
            let next = accounts::refresh(connection, &session.refresh_token)?;
            anyhow::ensure!(next.refresh_token != session.refresh_token, "the chain has not advanced");
            session = next;
            Ok(())
        })
    };
    Ok(log_in_all(world)?.into_iter().map(client).collect())
}

/// Sessions that no other row uses.
fn log_in_all(world: &World) -> Result<Vec<Session>> {
    let names: Vec<String> = (0..CLIENTS).map(crate::world::author).collect();
    accounts::with_each(world.auth.port, &names, accounts::log_in)
}
