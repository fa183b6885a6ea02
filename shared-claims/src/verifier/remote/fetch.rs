use std::{error::Error, fmt, time::Duration};

use reqwest::{
    Client, Response, StatusCode, Url,
    header::{AGE, CACHE_CONTROL, HeaderMap},
    redirect,
};

use crate::verifier::{KeySet, KeySetError};

const TIMEOUT: Duration = Duration::from_secs(5);
const MAX_BODY_BYTES: usize = 64 * 1024;
const DEFAULT_MAX_AGE: Duration = Duration::from_mins(5);
const SHORTEST_MAX_AGE: Duration = Duration::from_secs(1);
const LONGEST_MAX_AGE: Duration = Duration::from_hours(1);

/// Where the key set is published, and the client to fetch it with.
pub(in crate::verifier) struct JwksSource {
    client: Client,
    url: Url,
}

/// A usable key set and how long it is fresh, 1 second to 1 hour.
pub(super) struct Fetched {
    pub(super) keys: KeySet,
    pub(super) max_age: Duration,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{}", WithCauses(.0))]
    Http(#[from] reqwest::Error),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("the answer is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    #[error(transparent)]
    Keys(#[from] KeySetError),
}

impl JwksSource {
    /// A redirect is not followed: keys come from the address that was configured, or not at all. No connection is
    /// kept, because one fetch in minutes gains nothing from it, and it would belong to one of several runtimes.
    pub(in crate::verifier) fn new(url: Url) -> Result<Self, reqwest::Error> {
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .user_agent(concat!("latchkey-verifier/", env!("CARGO_PKG_VERSION")));
        if url.scheme() == "http" {
            // Plain HTTP needs no certificates; a container without any must not fail for the lack of them.
            client = client.tls_certs_only([]);
        }
        Ok(Self { client: client.build()?, url })
    }

    pub(super) async fn fetch(&self) -> Result<Fetched, FetchError> {
        let response = self.client.get(self.url.clone()).header("accept", "application/json").send().await?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let max_age = freshness(response.headers());
        let keys = KeySet::from_jwks(&bounded_body(response).await?)?;
        Ok(Fetched { keys, max_age })
    }
}

impl fmt::Display for JwksSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

/// Stops reading at the bound: the announced length may be absent or a lie.
async fn bounded_body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// How long an answer is fresh from now on: its `max-age` less the time it has already spent in caches on its way
/// (RFC 9111 §4.2).
fn freshness(headers: &HeaderMap) -> Duration {
    let max_age = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(max_age_directive);
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()?.trim().parse().ok()).unwrap_or(0);
    max_age
        .map_or(DEFAULT_MAX_AGE, |max_age| Duration::from_secs(max_age.saturating_sub(age)))
        .clamp(SHORTEST_MAX_AGE, LONGEST_MAX_AGE)
}

fn max_age_directive(directive: &str) -> Option<u64> {
    let (name, value) = directive.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("max-age") {
        return None;
    }
    value.trim().trim_matches('"').parse().ok()
}

/// An error with what it came from: reqwest's own text stops before the part that helps.
struct WithCauses<'a>(&'a reqwest::Error);

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(headers: &[(&'static str, &str)]) -> u64 {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        freshness(&headers).as_secs()
    }

    #[test]
    fn max_age_is_honoured_between_a_second_and_an_hour() {
        for (value, expected) in [
            ("max-age=60", 60),
            ("public, max-age=75, must-revalidate", 75),
            ("Public,MAX-AGE = 75", 75),
            ("max-age=\"90\"", 90),
            ("max-age=0", 1),
            ("max-age=3600", 3600),
            ("max-age=99999999999", 3600),
        ] {
            assert_eq!(seconds(&[("cache-control", value)]), expected, "{value}");
        }
    }

    #[test]
    fn without_a_max_age_it_is_five_minutes() {
        for value in
            ["no-cache", "max-age", "max-age=", "max-age=-1", "max-age=x", "s-maxage=7", "x-max-age=7"]
        {
            assert_eq!(seconds(&[("cache-control", value)]), 300, "{value}");
        }
        assert_eq!(seconds(&[]), 300);
    }

    #[test]
    fn time_spent_in_caches_counts() {
        assert_eq!(seconds(&[("cache-control", "max-age=100"), ("age", "30")]), 70);
        assert_eq!(seconds(&[("cache-control", "max-age=100"), ("age", "300")]), 1);
        assert_eq!(seconds(&[("cache-control", "max-age=100"), ("age", "soon")]), 100);
        assert_eq!(seconds(&[("cache-control", "no-store"), ("cache-control", "max-age=40")]), 40);
    }
}
