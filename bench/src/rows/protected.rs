//! What resource-api answers to those who have a token.

use anyhow::Result;

use crate::{
    accounts,
    http::{Connection, Request},
    load::{self, Client},
    world::{CLIENTS, World},
};

const TOKENS: usize = 2000;

fn protected(token: &str) -> Request {
    Request::get("/api/protected").bearing(token)
}

pub(super) fn one_token(world: &World) -> Result<Vec<Client>> {
    Ok(load::same(CLIENTS, &protected(&world.reader.access_token), 200))
}

/// Tokens of one session, as many refreshes give them: each is signed anew.
pub(super) fn many_tokens(world: &World) -> Result<Vec<Client>> {
    let mut connection = Connection::open(world.auth.port)?;
    let mut token = || accounts::refresh(&mut connection, &world.reader.refresh_token);
    let requests: Vec<Request> =
        (0..TOKENS).map(|_| Ok(protected(&token()?.access_token))).collect::<Result<_>>()?;
    Ok(load::dealt(CLIENTS, &requests, 200))
}

pub(super) fn timeline(world: &World) -> Result<Vec<Client>> {
    let request = Request::get("/api/timeline").bearing(&world.reader.access_token);
    let client = |_| load::same_with(request.clone(), 200, r#""content":"post"#);
    Ok((0..CLIENTS).map(client).collect())
}

/// Everybody posts in his own name.
pub(super) fn post(world: &World) -> Result<Vec<Client>> {
    let post =
        Request::json("/api/posts", &serde_json::json!({ "content": "One more, as long as most are." }));
    let request = |author: &accounts::Session| post.clone().bearing(&author.access_token);
    let requests: Vec<Request> = world.authors.iter().map(request).collect();
    Ok(load::dealt(CLIENTS, &requests, 201))
}
