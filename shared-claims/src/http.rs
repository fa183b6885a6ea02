use std::{error::Error, fmt, time::Duration};

use reqwest::{Client, Response, StatusCode, Url, redirect};

/// From connecting to the last byte.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// Speaks with an issuer.
pub(crate) struct Http(Client);

#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("{}", WithCauses(.0))]
    Transport(#[from] reqwest::Error),
    #[error("the answer was {0}")]
    Status(StatusCode),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
}

/// Why a text is no address that can be fetched from.
pub(crate) enum UrlFault {
    NotHttp,
    /// It has a user name or a password in it, which would end up in logs.
    Credentials,
}

impl Http {
    /// A client for addresses like this one. A redirect is not followed: what is asked for comes from the address that
    /// was configured, or not at all, and a secret goes nowhere else. No connection is kept, because a request now and
    /// then gains little from it, and it would belong to one of several runtimes.
    pub(crate) fn for_addresses_like(url: &Url, user_agent: &str) -> Result<Self, reqwest::Error> {
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .user_agent(user_agent);
        if url.scheme() == "http" {
            // Plain HTTP needs no certificates; a container without any must not fail for the lack of them.
            client = client.tls_certs_only([]);
        }
        Ok(Self(client.build()?))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0
    }
}

/// Stops reading at the bound: the announced length may be absent or a lie.
pub(crate) async fn bounded_body(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, HttpError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max_bytes {
            return Err(HttpError::TooLarge(max_bytes));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An absolute HTTP address without credentials in it.
pub(crate) fn http_url(text: &str) -> Result<Url, UrlFault> {
    match Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => Err(UrlFault::Credentials),
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(UrlFault::NotHttp),
    }
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
