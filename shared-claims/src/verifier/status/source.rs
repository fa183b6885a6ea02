use std::{sync::Arc, time::Duration};

use reqwest::Url;
use tokio::time::timeout;

use super::{
    STATUS_LIST_MEDIA_TYPE,
    list_token::{self, ListTokenError, VerifiedList},
};
use crate::verifier::{
    TokenRules,
    http::{Http, HttpError, TIMEOUT, USER_AGENT, get},
    keys::Keys,
};

const PATH: &str = "/oauth/status-lists/";
/// Far more than a list of 2^17 entries takes in its least compressible state.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Where an issuer publishes its status lists, and what it takes to believe them.
pub(in crate::verifier) struct ListSource {
    http: Http,
    /// What the issuer's public address of a list begins with; a number follows.
    public_prefix: String,
    /// The same as seen from here.
    fetch_prefix: String,
    keys: Arc<Keys>,
    rules: TokenRules,
}

/// A good list, and what it takes to know when the next is due.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) list: VerifiedList,
    /// Our clock when the fetch began.
    pub(super) began_at_ms: i64,
    /// For how long, since then, a cache could still give the same answer.
    pub(super) fresh_for: Option<Duration>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Token(#[from] ListTokenError),
    #[error("it took too long")]
    TimedOut,
    #[error("the address cannot be made")]
    Address,
}

impl ListSource {
    /// `base` is where the issuer is reached from here.
    pub(in crate::verifier) fn new(
        base: &Url,
        keys: Arc<Keys>,
        rules: TokenRules,
    ) -> Result<Self, reqwest::Error> {
        let public_prefix = format!("{}{PATH}", rules.issuer());
        let fetch_prefix = format!("{}{PATH}", base.as_str().trim_end_matches('/'));
        let http = Http::for_addresses_like(base, USER_AGENT)?;
        Ok(Self { http, public_prefix, fetch_prefix, keys, rules })
    }

    /// The number of the list at that address, if it is exactly one of the issuer's: a decimal number in its one spelling.
    /// The address that is fetched is made from the number, so that a token cannot send us anywhere else.
    pub(super) fn number_of(&self, address: &str) -> Option<u64> {
        let digits = address.strip_prefix(&self.public_prefix)?;
        let is_canonical =
            digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        if is_canonical { digits.parse().ok() } else { None }
    }

    pub(super) fn address(&self, number: u64) -> String {
        format!("{}{number}", self.public_prefix)
    }

    /// Whether a list's `exp` has come.
    pub(super) fn has_passed(&self, exp: i64) -> bool {
        self.rules.has_passed(exp, self.rules.now_ms())
    }

    pub(super) async fn fetch(&self, number: u64) -> Result<Fetched, FetchError> {
        let began_at_ms = self.rules.now_ms();
        let url = Url::parse(&format!("{}{number}", self.fetch_prefix)).map_err(|_| FetchError::Address)?;
        let address = self.address(number);
        let fetching = async {
            let answer = get(&self.http, url, STATUS_LIST_MEDIA_TYPE, MAX_BODY_BYTES).await?;
            let list = list_token::verify(&answer.body, &address, &self.keys, &self.rules).await?;
            Ok(Fetched { list, began_at_ms, fresh_for: answer.fresh_for })
        };
        // The key may have to be fetched as well; both together get the time of one fetch.
        timeout(TIMEOUT, fetching).await.unwrap_or(Err(FetchError::TimedOut))
    }
}
