//! Users of the servers, made and logged in as anybody is.

use anyhow::{Result, anyhow};
use serde_json::json;

use crate::{
    http::{Answer, Connection, Request},
    machine,
};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// What a login or a refresh gives.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl TryFrom<Answer<'_>> for Session {
    type Error = anyhow::Error;

    fn try_from(answer: Answer<'_>) -> Result<Self> {
        let (access_token, refresh_token) = (answer.member("access_token")?, answer.member("refresh_token")?);
        Ok(Self { access_token, refresh_token })
    }
}

pub(crate) fn signup_request(name: &str) -> Request {
    Request::json("/auth/signup", &json!({ "username": name, "password": PASSWORD }))
}

pub(crate) fn login_request(name: &str) -> Request {
    Request::json("/auth/login", &json!({ "username": name, "password": PASSWORD }))
}

pub(crate) fn refresh_request(refresh_token: &str) -> Request {
    Request::json("/auth/refresh", &json!({ "refresh_token": refresh_token }))
}

pub(crate) fn sign_up(connection: &mut Connection, name: &str) -> Result<()> {
    connection.exchange(&signup_request(name))?.expect(201).map(drop)
}

pub(crate) fn log_in(connection: &mut Connection, name: &str) -> Result<Session> {
    connection.exchange(&login_request(name))?.expect(200)?.try_into()
}

pub(crate) fn refresh(connection: &mut Connection, refresh_token: &str) -> Result<Session> {
    connection.exchange(&refresh_request(refresh_token))?.expect(200)?.try_into()
}

/// Does something for each name, in their order, on all cores.
pub(crate) fn with_each<T: Send>(
    port: u16,
    names: &[String],
    work: fn(&mut Connection, &str) -> Result<T>,
) -> Result<Vec<T>> {
    let of_some = |names: &[String]| -> Result<Vec<T>> {
        let mut connection = Connection::open(port)?;
        names.iter().map(|name| work(&mut connection, name)).collect()
    };
    let lot = names.len().div_ceil(machine::cores()).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = names.chunks(lot).map(|names| scope.spawn(move || of_some(names))).collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().unwrap_or_else(|_| Err(anyhow!("panicked")))?);
        }
        Ok(all)
    })
}
