//! Asking auth-server who has a name, as the client that this service is there (client credentials, RFC 6749 §4.4).

use std::time::Duration;

use actix_web::rt::time::timeout;
use anyhow::Context;
use reqwest::{Client, Response, StatusCode, header::RETRY_AFTER, redirect};
use serde::Deserialize;
use shared_claims::{Clock, ServiceToken, TokenSource, TokenSourceError};

use crate::config::Config;

/// What the client must be registered with at auth-server.
const SCOPE: &str = "users:read";
/// For the whole of it, a token included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// One user takes about a hundred bytes.
const MAX_BODY_BYTES: usize = 16 * 1024;
/// An id is a key of our tables.
const MAX_ID_BYTES: usize = 64;
/// What callers are told to wait when nobody says more.
const SHORTEST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// The users of auth-server, by name. Cheap to clone.
#[derive(Debug, Clone)]
pub struct UserDirectory {
    tokens: TokenSource,
    http: Client,
    users_url: String,
}

/// A user as auth-server has him now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DirectoryUser {
    /// What is `sub` in his tokens; at most 64 bytes.
    pub id: String,
    /// The name that was asked for, perhaps in another case.
    pub username: String,
}

/// auth-server could not be asked. The reason is for the log, and says what to do.
#[derive(Debug, thiserror::Error)]
#[error("cannot ask auth-server about users: {reason}")]
pub struct Unavailable {
    /// When to try again.
    pub retry_after: Duration,
    reason: String,
}

#[derive(Deserialize)]
struct Listed {
    users: Vec<DirectoryUser>,
}

impl UserDirectory {
    /// `None` when this service is no client of auth-server. Nothing is asked yet.
    pub fn new(config: &Config, clock: Clock) -> anyhow::Result<Option<Self>> {
        let Some((client_id, client_secret)) = config.service.credentials() else { return Ok(None) };
        let issuer = &config.auth.issuer;
        let base = config.auth.internal_url.as_ref().unwrap_or(issuer);
        // A token for auth-server alone, and for this alone: nobody it is shown to can use it elsewhere.
        let tokens = TokenSource::builder(issuer.as_str(), client_id, client_secret.expose())
            .internal_url(base.as_str())
            .audience(issuer.as_str())
            .scope(SCOPE.parse()?)
            .clock(clock)
            .build()?;
        let http = http_client(base.as_str().starts_with("http:"));
        let http = http.context("the HTTP client for asking auth-server cannot be set up")?;
        Ok(Some(Self { tokens, http, users_url: base.join("/users") }))
    }

    /// The user of this name (which must be one that a user can have), without regard to case. `None`: there is none.
    pub async fn find(&self, username: &str) -> Result<Option<DirectoryUser>, Unavailable> {
        let asked = timeout(TIMEOUT, self.ask_twice(username)).await;
        let answer = asked.unwrap_or_else(|_| Err(unavailable("it does not answer in time".into(), None)))?;
        find_in(answer, username)
    }

    /// A token may have been revoked since it was fetched, by whatever way; a fresh one is tried, once.
    async fn ask_twice(&self, username: &str) -> Result<Listed, Unavailable> {
        let token = self.tokens.token().await.map_err(|error| no_token(&error))?;
        let mut response = self.ask(username, &token).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            self.tokens.invalidate(&token);
            let token = self.tokens.token().await.map_err(|error| no_token(&error))?;
            response = self.ask(username, &token).await?;
        }
        match response.status() {
            StatusCode::OK => read(response).await,
            _ => Err(refused(&response)),
        }
    }

    async fn ask(&self, username: &str, token: &ServiceToken) -> Result<Response, Unavailable> {
        let request = self.http.get(&self.users_url).query(&[("username", username)]);
        request.bearer_auth(token.as_str()).send().await.map_err(unreachable)
    }
}

/// No redirect is followed, and no connection is kept: it would belong to one of several runtimes.
fn http_client(is_plain: bool) -> reqwest::Result<Client> {
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .user_agent(concat!("resource-api/", env!("CARGO_PKG_VERSION")));
    // Plain HTTP needs no certificates; a container without any must not fail for the lack of them.
    if is_plain { client.tls_certs_only([]).build() } else { client.build() }
}

async fn read(mut response: Response) -> Result<Listed, Unavailable> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(unavailable("its answer is too large; is that address auth-server's?".into(), None));
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(|error| {
        unavailable(
            format!("its answer is not a list of users ({error}); is that address auth-server's?"),
            None,
        )
    })
}

/// Nothing that was not asked for gets into our tables.
fn find_in(answer: Listed, username: &str) -> Result<Option<DirectoryUser>, Unavailable> {
    let is_as_asked = |user: &DirectoryUser| {
        let id_is_good =
            (1..=MAX_ID_BYTES).contains(&user.id.len()) && user.id.bytes().all(|b| b.is_ascii_graphic());
        id_is_good && user.username.eq_ignore_ascii_case(username)
    };
    match <[DirectoryUser; 1]>::try_from(answer.users) {
        Ok([user]) if is_as_asked(&user) => Ok(Some(user)),
        Err(users) if users.is_empty() => Ok(None),
        _ => Err(unavailable("its answer has users that were not asked for".into(), None)),
    }
}

fn refused(response: &Response) -> Unavailable {
    let status = response.status();
    let advice = match status {
        StatusCode::UNAUTHORIZED => {
            "it refuses the token that it has just given; check that API__AUTH__ISSUER is its AUTH__ISSUER"
        }
        StatusCode::FORBIDDEN => "the client may not; give it the scope users:read (`auth-server clients`)",
        StatusCode::TOO_MANY_REQUESTS => "it has been asked too often",
        status if status.is_server_error() => "see its log",
        _ => {
            "check that API__AUTH__ISSUER and API__AUTH__INTERNAL_URL are the address of an auth-server that has GET /users"
        }
    };
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    unavailable(format!("the answer is {status}: {advice}"), retry_after.map(Duration::from_secs))
}

fn no_token(error: &TokenSourceError) -> Unavailable {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    unavailable(format!("there is no token to do so: {error}{cause}"), Some(error.retry_after()))
}

fn unreachable(error: reqwest::Error) -> Unavailable {
    unavailable(format!("{:#}", anyhow::Error::new(error)), None)
}

fn unavailable(reason: String, retry_after: Option<Duration>) -> Unavailable {
    Unavailable { retry_after: retry_after.unwrap_or_default().clamp(SHORTEST_WAIT, LONGEST_WAIT), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(users: &[(&str, &str)]) -> Result<Option<DirectoryUser>, Unavailable> {
        let user =
            |(id, username): &(&str, &str)| DirectoryUser { id: (*id).into(), username: (*username).into() };
        find_in(Listed { users: users.iter().map(user).collect() }, "Alice")
    }

    #[test]
    fn the_user_who_was_asked_for_is_found_whatever_the_case() {
        assert_eq!(answer(&[]).unwrap(), None);
        assert_eq!(answer(&[("1", "aLICE")]).unwrap().unwrap().username, "aLICE");
        assert!(answer(&[(&"x".repeat(64), "alice")]).unwrap().is_some());
    }

    #[test]
    fn users_who_were_not_asked_for_are_not_taken_in() {
        for users in [
            &[("1", "bob")][..],
            &[("", "alice")],
            &[("a\0b", "alice")],
            &[("a b", "alice")],
            &[(&"x".repeat(65), "alice")],
            &[("1", "alice"), ("2", "alice")],
            &[("1", "alice"), ("2", "bob")],
        ] {
            assert!(answer(users).is_err(), "{users:?}");
        }
    }

    #[test]
    fn callers_are_told_to_wait_for_two_seconds_to_a_minute() {
        for (wanted, told) in [(None, 2), (Some(0), 2), (Some(7), 7), (Some(86_400), 60)] {
            let error = unavailable(String::new(), wanted.map(Duration::from_secs));
            assert_eq!(error.retry_after.as_secs(), told, "{wanted:?}");
        }
    }
}
