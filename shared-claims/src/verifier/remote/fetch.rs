use std::{fmt, time::Duration};

use reqwest::Url;

use crate::verifier::{
    KeySet, KeySetError,
    http::{Http, HttpError, USER_AGENT, get},
};

/// Room for as many keys as a set may have, of the usual size.
const MAX_BODY_BYTES: usize = 256 * 1024;
const DEFAULT_MAX_AGE: Duration = Duration::from_mins(5);
const SHORTEST_MAX_AGE: Duration = Duration::from_secs(1);
const LONGEST_MAX_AGE: Duration = Duration::from_hours(1);

/// Where the key set is published, and the client to fetch it with.
pub(in crate::verifier) struct JwksSource {
    http: Http,
    url: Url,
}

/// A usable key set and how long it is fresh, 1 second to 1 hour.
pub(super) struct Fetched {
    pub(super) keys: KeySet,
    pub(super) max_age: Duration,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Keys(#[from] KeySetError),
}

impl JwksSource {
    pub(in crate::verifier) fn new(url: Url) -> Result<Self, reqwest::Error> {
        Ok(Self { http: Http::for_addresses_like(&url, USER_AGENT)?, url })
    }

    pub(super) async fn fetch(&self) -> Result<Fetched, FetchError> {
        let answer = get(&self.http, self.url.clone(), "application/json", MAX_BODY_BYTES).await?;
        Ok(Fetched { keys: KeySet::from_jwks(&answer.body)?, max_age: max_age(answer.fresh_for) })
    }
}

impl fmt::Display for JwksSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

fn max_age(fresh_for: Option<Duration>) -> Duration {
    fresh_for.unwrap_or(DEFAULT_MAX_AGE).clamp(SHORTEST_MAX_AGE, LONGEST_MAX_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_fresh_for_a_second_to_an_hour_and_five_minutes_by_default() {
        for (said, expected) in [
            (None, 300),
            (Some(0), 1),
            (Some(1), 1),
            (Some(75), 75),
            (Some(3600), 3600),
            (Some(99_999), 3600),
        ] {
            assert_eq!(max_age(said.map(Duration::from_secs)).as_secs(), expected, "{said:?}");
        }
    }
}
