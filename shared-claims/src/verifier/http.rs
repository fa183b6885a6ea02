use std::time::Duration;

use reqwest::{
    StatusCode, Url,
    header::{ACCEPT, AGE, CACHE_CONTROL, HeaderMap},
};

use crate::http::bounded_body;
pub(super) use crate::http::{Http, HttpError, TIMEOUT};

/// How the requests for keys and status lists name themselves.
pub(super) const USER_AGENT: &str = concat!("latchkey-verifier/", env!("CARGO_PKG_VERSION"));

/// An answer of 200, read to its end.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    /// For how long a cache could still give the same answer; `None` when it does not say.
    pub(super) fresh_for: Option<Duration>,
}

/// Fetches what an issuer publishes.
pub(super) async fn get(
    http: &Http,
    url: Url,
    media_type: &str,
    max_bytes: usize,
) -> Result<Answer, HttpError> {
    let response = http.client().get(url).header(ACCEPT, media_type).send().await?;
    if response.status() != StatusCode::OK {
        return Err(HttpError::Status(response.status()));
    }
    let fresh_for = fresh_for(response.headers());
    Ok(Answer { body: bounded_body(response, max_bytes).await?, fresh_for })
}

/// The answer's `max-age` less the time it has already spent in caches on its way (RFC 9111 §4.2).
fn fresh_for(headers: &HeaderMap) -> Option<Duration> {
    let max_age = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(max_age_directive)?;
    let age = headers.get(AGE).and_then(|age| age.to_str().ok()?.trim().parse().ok()).unwrap_or(0);
    Some(Duration::from_secs(max_age.saturating_sub(age)))
}

fn max_age_directive(directive: &str) -> Option<u64> {
    let (name, value) = directive.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("max-age") {
        return None;
    }
    value.trim().trim_matches('"').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(headers: &[(&'static str, &str)]) -> Option<u64> {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        fresh_for(&headers).map(|fresh_for| fresh_for.as_secs())
    }

    #[test]
    fn max_age_is_found_among_other_directives() {
        for (value, expected) in [
            ("max-age=60", 60),
            ("public, max-age=75, must-revalidate", 75),
            ("Public,MAX-AGE = 75", 75),
            ("max-age=\"90\"", 90),
            ("max-age=0", 0),
            ("max-age=99999999999", 99_999_999_999),
        ] {
            assert_eq!(seconds(&[("cache-control", value)]), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_is_no_max_age_says_nothing() {
        for value in
            ["no-cache", "max-age", "max-age=", "max-age=-1", "max-age=x", "s-maxage=7", "x-max-age=7"]
        {
            assert_eq!(seconds(&[("cache-control", value)]), None, "{value}");
        }
        assert_eq!(seconds(&[]), None);
        assert_eq!(seconds(&[("age", "3")]), None);
    }

    #[test]
    fn time_spent_in_caches_counts() {
        assert_eq!(seconds(&[("cache-control", "max-age=100"), ("age", "30")]), Some(70));
        assert_eq!(seconds(&[("cache-control", "max-age=100"), ("age", "300")]), Some(0));
        assert_eq!(seconds(&[("cache-control", "max-age=100"), ("age", "soon")]), Some(100));
        assert_eq!(seconds(&[("cache-control", "no-store"), ("cache-control", "max-age=40")]), Some(40));
    }
}
