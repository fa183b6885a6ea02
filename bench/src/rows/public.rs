//! What anybody may ask of auth-server.

use anyhow::{Context, Result};

use crate::{
    http::{Connection, Request},
    load::{self, Client},
    revocations,
    world::{CLIENTS, World},
};

pub(crate) const JWKS: &str = "/.well-known/jwks.json";

pub(super) fn root(_: &World) -> Result<Vec<Client>> {
    Ok(load::same(CLIENTS, &Request::get("/"), 200))
}

pub(super) fn jwks(_: &World) -> Result<Vec<Client>> {
    Ok(load::same(CLIENTS, &Request::get(JWKS), 200))
}

pub(super) fn jwks_not_modified(world: &World) -> Result<Vec<Client>> {
    let mut connection = Connection::open(world.auth.port)?;
    let answer = connection.exchange(&Request::get(JWKS))?.expect(200)?;
    let tag = answer.header("etag").context("no ETag")?;
    let request = Request::new("GET", JWKS, &[("if-none-match", tag)], "");
    Ok(load::same(CLIENTS, &request, 304))
}

pub(super) fn status_list(world: &World) -> Result<Vec<Client>> {
    let mut connection = Connection::open(world.auth.port)?;
    Ok(load::same(CLIENTS, &Request::get(&first_status_list(&mut connection)?), 200))
}

pub(super) fn full_status_list(world: &World) -> Result<Vec<Client>> {
    let path = revocations::revoke(world, 1, 10_000)?;
    Ok(load::same(CLIENTS, &Request::get(&path), 200))
}

/// The path of the list that names the places of those who are logged in: the first one.
pub(crate) fn first_status_list(auth: &mut Connection) -> Result<String> {
    let answer = auth.exchange(&Request::get("/oauth/status-lists"))?.expect(200)?;
    let lists: serde_json::Value = serde_json::from_str(answer.body)?;
    let (_, number) =
        lists["status_lists"][0].as_str().and_then(|url| url.rsplit_once('/')).context("no list")?;
    Ok(format!("/oauth/status-lists/{number}"))
}
