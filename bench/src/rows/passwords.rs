//! What hashes a password.

use anyhow::Result;

use crate::{
    accounts::{login_request, signup_request},
    http::Request,
    load::{self, Client},
    machine,
    world::{FOLLOWED, World, author},
};

/// Enough that every hashing thread has work; more would only wait in the queue, and make each slice longer.
fn clients() -> usize {
    2 * machine::cores()
}

pub(super) fn login(_: &World) -> Result<Vec<Client>> {
    let requests: Vec<Request> = (0..FOLLOWED).map(|number| login_request(&author(number))).collect();
    Ok(load::dealt(clients(), &requests, 200))
}

pub(super) fn login_unknown(_: &World) -> Result<Vec<Client>> {
    Ok(load::same(clients(), &login_request("nobody"), 401))
}

pub(super) fn signup(_: &World) -> Result<Vec<Client>> {
    let client = |number: usize| -> Client {
        let mut made = 0;
        Box::new(move |connection| {
            made += 1;
            let request = signup_request(&format!("new-{number}-{made}"));
            connection.exchange(&request)?.expect(201).map(drop)
        })
    };
    Ok((0..clients()).map(client).collect())
}
