//! Status lists as they are published (draft-ietf-oauth-status-list §5.1): read, signed, and kept until something in them
//! changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_web::web::{self, Bytes};
use shared_claims::{Clock, STATUS_LIST_TYPE, StatusList, StatusListClaims};
use shared_service::database::{DbConnection, Store};

use super::{Keys, issuer::status_list_uri, shared_reading::SharedReading};
use crate::{
    error::ApiError,
    store::statuses::{self, LIST_SIZE},
};

/// So many that all lists in use fit, so few that nobody fills the memory with lists from before a restore. What is
/// dropped is made again when it is asked for.
const MAX_KEPT: usize = 256;

/// How lists are published.
#[derive(Debug, Clone)]
pub struct StatusListRules {
    /// The issuer, under which the lists have their addresses.
    pub issuer: String,
    /// How long a verifier may keep a list, at least a second; lists are dated in whole ones.
    pub ttl: Duration,
    /// How long a list is good.
    pub lifetime: Duration,
    /// How long some verifier may take a token after it was signed.
    pub tokens_are_taken_for: Duration,
}

/// A list as it was signed.
#[derive(Debug)]
pub struct SignedStatusList {
    statuses: StatusList,
    kid: String,
    read_at: i64,
    ttl: i64,
    jwt: Bytes,
}

impl SignedStatusList {
    /// The JWT.
    pub fn jwt(&self) -> Bytes {
        self.jwt.clone()
    }

    /// How long the list may be kept from `now_ms` on (Unix milliseconds).
    pub fn max_age(&self, now_ms: i64) -> Duration {
        let remaining = self.read_at.saturating_add(self.ttl).saturating_mul(1000).saturating_sub(now_ms);
        Duration::from_millis(u64::try_from(remaining).unwrap_or(0))
    }

    /// Whether it may be given out at `now` (Unix seconds) in place of a new one: it says the same, the key that signs
    /// now has signed it, and half of its ttl is still to come.
    fn still_serves(&self, statuses: &StatusList, kid: &str, now: i64) -> bool {
        let age = now.saturating_sub(self.read_at);
        age >= 0 && age.saturating_mul(2) < self.ttl && self.kid == kid && self.statuses == *statuses
    }
}

/// The lists that this instance publishes.
#[derive(Debug)]
pub struct StatusLists {
    store: Store,
    publisher: Arc<Publisher>,
    kept: Mutex<HashMap<i64, Arc<SharedReading<Outcome>>>>,
}

/// `Ok(None)` for a list that does not exist.
type Outcome = Result<Option<Arc<SignedStatusList>>, Failure>;

/// Why there is no list; told to all who share the reading.
#[derive(Debug, Clone)]
enum Failure {
    Unavailable(String),
    Internal(String),
}

impl StatusLists {
    /// Lists of what is in `store`, signed with `keys`.
    pub fn new(store: Store, keys: Keys, clock: Clock, rules: StatusListRules) -> Self {
        let publisher = Arc::new(Publisher { keys, clock, rules });
        Self { store, publisher, kept: Mutex::default() }
    }

    /// The list of this number with every change that was made before the call, by whomever. `None` when there is no
    /// such list.
    pub async fn get(&self, list: i64) -> Result<Option<Arc<SignedStatusList>>, ApiError> {
        let kept = self.kept(list);
        let read = |before: Option<Outcome>| {
            let (store, publisher) = (self.store.clone(), self.publisher.clone());
            let before = before.and_then(Result::ok).flatten();
            async move { publisher.publish(&store, list, before).await.map_err(Failure::from) }
        };
        let outcome = kept.fresh(read).await;
        let outcome = outcome.map_err(|broken| ApiError::Unavailable(broken.to_string()))?;
        if !matches!(outcome, Ok(Some(_))) {
            self.forget(list, &kept);
        }
        Ok(outcome?)
    }

    fn kept(&self, list: i64) -> Arc<SharedReading<Outcome>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT && !kept.contains_key(&list) {
            // Those that are being read just now stay.
            kept.retain(|_, reading| Arc::strong_count(reading) > 1);
        }
        kept.entry(list).or_default().clone()
    }

    fn forget(&self, list: i64, reading: &Arc<SharedReading<Outcome>>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.get(&list).is_some_and(|kept| Arc::ptr_eq(kept, reading)) {
            kept.remove(&list);
        }
    }
}

#[derive(Debug)]
struct Publisher {
    keys: Keys,
    clock: Clock,
    rules: StatusListRules,
}

/// What the database says of a list.
struct Reading {
    list: i64,
    /// Before the rows were read, so that what is missing in them happened no earlier than the list's `iat` says.
    read_at: i64,
    statuses: StatusList,
}

impl Publisher {
    /// Reads the list, and signs it if `before` does not serve any more. No connection is held while compressing and
    /// signing.
    async fn publish(
        self: Arc<Self>,
        store: &Store,
        list: i64,
        before: Option<Arc<SignedStatusList>>,
    ) -> Result<Option<Arc<SignedStatusList>>, ApiError> {
        let reader = self.clone();
        let Some(reading) = store.run(move |c| reader.read(c, list)).await? else { return Ok(None) };
        let signed = web::block(move || self.serve_or_sign(reading, before)).await;
        signed.map_err(|stopped| ApiError::Unavailable(stopped.to_string()))?.map(Some)
    }

    fn read(&self, connection: &mut DbConnection, list: i64) -> Result<Option<Reading>, ApiError> {
        let read_at = self.clock.now_secs();
        let size = usize::try_from(LIST_SIZE).map_err(anyhow::Error::from)?;
        if let Some(revoked) = statuses::revoked_in(connection, list)? {
            let places = revoked.into_iter().filter_map(|idx| usize::try_from(idx).ok());
            return Ok(Some(Reading { list, read_at, statuses: StatusList::with_invalid(size, places) }));
        }
        // Who knows which places were given out, and revoked, after the copy was made that the database was restored
        // from? So all are, for as long as a token may name one.
        let counter = statuses::counter(connection)?;
        let ends_at = counter.restored_at.map(|at| at.saturating_add(secs(self.rules.tokens_are_taken_for)));
        let is_remembered = list < counter.first_list && ends_at.is_some_and(|ends_at| read_at < ends_at);
        Ok(is_remembered.then(|| Reading { list, read_at, statuses: StatusList::all_invalid(size) }))
    }

    fn serve_or_sign(
        &self,
        reading: Reading,
        before: Option<Arc<SignedStatusList>>,
    ) -> Result<Arc<SignedStatusList>, ApiError> {
        let Reading { list, read_at, statuses } = reading;
        let ring = self.keys.ring();
        let key = ring.active(read_at).map_err(|missing| ApiError::Unavailable(missing.to_string()))?;
        if let Some(before) = before.filter(|before| before.still_serves(&statuses, key.kid(), read_at)) {
            return Ok(before);
        }
        let ttl = secs(self.rules.ttl);
        let claims = StatusListClaims {
            sub: status_list_uri(&self.rules.issuer, list),
            iat: read_at,
            exp: read_at.saturating_add(secs(self.rules.lifetime)),
            ttl: ttl.unsigned_abs(),
            status_list: (&statuses).into(),
        };
        let jwt = key.sign(STATUS_LIST_TYPE, &claims)?.into();
        Ok(Arc::new(SignedStatusList { statuses, kid: key.kid().into(), read_at, ttl, jwt }))
    }
}

fn secs(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unavailable(why) => Self::Unavailable(why),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable(why) => Self::Unavailable(why),
            Failure::Internal(why) => Self::Internal(anyhow::anyhow!(why)),
        }
    }
}
