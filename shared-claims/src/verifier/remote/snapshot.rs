use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::fetch::{FetchError, Fetched};
use crate::verifier::{KeySet, KeyState, TokenError, VerifyError, http::TIMEOUT, running::GRACE};

/// A fetched set serves this long through an outage.
const LONGEST_SERVICE: Duration = Duration::from_hours(24);
/// How long an unknown `kid` stays unknown without another fetch, unless the set's own age is shorter.
const COOLDOWN: Duration = Duration::from_secs(30);
/// The same while there is no set at all, so that a cold verifier recovers with its issuer.
const COLD_COOLDOWN: Duration = Duration::from_secs(1);
/// Between failed fetches: 1, 2, 4, … seconds, up to this.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// What is known of the published set after some number of fetches.
#[derive(Default)]
pub(super) struct Snapshot {
    set: Option<Held>,
    /// How many fetches have begun.
    pub(super) begun: u64,
    /// How many fetches have ended.
    pub(super) ended: u64,
    /// Since the last one that succeeded.
    failures: u32,
    last_failure: Option<String>,
    last_attempt_at: Option<Instant>,
    began_at: Option<Instant>,
    /// From then on the set at hand is older than a refresher that runs lets it become.
    stalled_at: Option<Instant>,
    /// Until then no unknown `kid` causes a fetch.
    quiet_until: Option<Instant>,
}

struct Held {
    keys: Arc<KeySet>,
    /// When its fetch began: what the issuer changed since then may be missing.
    fetched_at: Instant,
    max_age: Duration,
}

impl Snapshot {
    /// The set at hand, if it has that key.
    pub(super) fn keys_with(&self, kid: &str, now: Instant) -> Option<Arc<KeySet>> {
        self.keys_for(Some(kid), now)
    }

    /// The set at hand, if it has the key that is asked for, if any is.
    pub(super) fn keys_for(&self, kid: Option<&str>, now: Instant) -> Option<Arc<KeySet>> {
        self.keys(now).filter(|keys| kid.is_none_or(|kid| keys.get(kid).is_some())).cloned()
    }

    /// What to tell those whose key is not in the set: that it does not exist, if the issuer has just said so; else
    /// that we do not know.
    pub(super) fn refusal(&self, now: Instant) -> VerifyError {
        if self.failures == 0 && self.keys(now).is_some() {
            return TokenError::UnknownKey.into();
        }
        let retry_after = self.quiet_until.map_or(COLD_COOLDOWN, |until| until - now).max(COLD_COOLDOWN);
        VerifyError::Unavailable { retry_after }
    }

    /// The set at hand, unless it is too old to be trusted.
    pub(super) fn keys(&self, now: Instant) -> Option<&Arc<KeySet>> {
        self.set.as_ref().filter(|held| now - held.fetched_at < LONGEST_SERVICE).map(|held| &held.keys)
    }

    pub(super) fn is_quiet(&self, now: Instant) -> bool {
        self.quiet_until.is_some_and(|until| now < until)
    }

    /// A fetch should have begun, or ended, long ago.
    pub(super) fn is_stalled(&self, now: Instant) -> bool {
        self.stalled_at.is_some_and(|at| now >= at)
    }

    /// When the next fetch is due without anybody asking: at 80 % of the set's age, sooner after a failure.
    pub(super) fn due_at(&self, now: Instant) -> Instant {
        match (self.last_attempt_at, &self.set) {
            (Some(last), _) if self.failures > 0 => {
                let doubled = 1_u64 << (self.failures - 1).min(16);
                last + Duration::from_secs(doubled).min(LONGEST_BACKOFF)
            }
            (_, Some(held)) => held.fetched_at + held.max_age * 4 / 5,
            _ => now,
        }
    }

    pub(super) fn state(&self, now: Instant) -> KeyState {
        match &self.set {
            Some(held) if self.keys(now).is_some() => {
                let age = now - held.fetched_at;
                if age <= held.max_age { KeyState::Fresh } else { KeyState::Stale { age } }
            }
            _ => KeyState::Missing { last_error: self.last_failure.clone() },
        }
    }

    /// Takes in that a fetch begins: nobody needs to wait for it, unless it takes longer than a fetch can.
    pub(super) fn begin(&mut self, now: Instant) {
        self.begun += 1;
        self.began_at = Some(now);
        self.stalled_at = Some(now + TIMEOUT + GRACE);
    }

    /// Takes in how a fetch ended that was, perhaps, asked for by a `kid`.
    ///
    /// A failure never touches the set at hand. Asking in vain starts a cooldown; asking with success does not, so
    /// that two keys that appear one soon after the other are both found. Nobody but the issuer can cause the latter.
    pub(super) fn record(
        &mut self,
        result: Result<Fetched, FetchError>,
        asked_for: Option<&str>,
        now: Instant,
    ) {
        self.ended += 1;
        self.last_attempt_at = Some(now);
        match result {
            Ok(Fetched { keys, max_age }) => {
                let in_vain = asked_for.is_some_and(|kid| keys.get(kid).is_none());
                self.set =
                    Some(Held { keys: Arc::new(keys), fetched_at: self.began_at.unwrap_or(now), max_age });
                // What was not known because of a failure may be asked for again.
                if self.failures > 0 {
                    self.quiet_until = None;
                }
                (self.failures, self.last_failure) = (0, None);
                if in_vain {
                    self.quiet_until = Some(now + self.cooldown(now));
                }
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                self.last_failure = Some(error.to_string());
                self.quiet_until = Some(now + self.cooldown(now));
            }
        }
        // After a slow fetch the next may be overdue already.
        let due_at = self.due_at(now).max(now);
        self.stalled_at = self.set.as_ref().map(|held| due_at.max(held.fetched_at + held.max_age) + GRACE);
    }

    fn cooldown(&self, now: Instant) -> Duration {
        match &self.set {
            Some(held) if self.keys(now).is_some() => held.max_age.min(COOLDOWN),
            _ => COLD_COOLDOWN,
        }
    }
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
