use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::fetch::{FetchError, Fetched};
use crate::verifier::{KeySet, KeyState, TokenError, VerifyError};

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
    /// Until then no unknown `kid` causes a fetch.
    quiet_until: Option<Instant>,
}

struct Held {
    keys: Arc<KeySet>,
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
                self.set = Some(Held { keys: Arc::new(keys), fetched_at: now, max_age });
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
    }

    fn cooldown(&self, now: Instant) -> Duration {
        match &self.set {
            Some(held) if self.keys(now).is_some() => held.max_age.min(COOLDOWN),
            _ => COLD_COOLDOWN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySetError, VerificationKey};

    const SECOND: Duration = Duration::from_secs(1);

    fn fetched(kid: &str, max_age: u64) -> Fetched {
        let key = VerificationKey::from_numbers(Some(kid), &[0xff; 256], &[1, 0, 1]).unwrap();
        Fetched { keys: [key].into_iter().collect(), max_age: Duration::from_secs(max_age) }
    }

    fn failure() -> FetchError {
        KeySetError::NoUsableKey.into()
    }

    #[test]
    fn a_set_is_due_at_80_percent_of_its_age() {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        assert_eq!(snapshot.due_at(start), start, "the first is due at once");
        snapshot.record(Ok(fetched("a", 100)), None, start);
        assert_eq!(snapshot.due_at(start + SECOND) - start, 80 * SECOND);
        assert_eq!(snapshot.state(start + 100 * SECOND), KeyState::Fresh);
        assert_eq!(snapshot.state(start + 101 * SECOND), KeyState::Stale { age: 101 * SECOND });
    }

    #[test]
    fn failures_back_off_to_thirty_seconds_and_success_ends_that() {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        for expected in [1, 2, 4, 8, 16, 30, 30, 30] {
            snapshot.record(Err(failure()), None, start);
            assert_eq!(snapshot.due_at(start) - start, expected * SECOND);
        }
        snapshot.failures = u32::MAX;
        snapshot.record(Err(failure()), None, start);
        assert_eq!(snapshot.due_at(start) - start, 30 * SECOND);
        snapshot.record(Ok(fetched("a", 300)), None, start);
        assert_eq!(snapshot.due_at(start) - start, 240 * SECOND);
    }

    #[test]
    fn asking_in_vain_starts_the_cooldown_and_asking_with_success_does_not() {
        for (max_age, cooldown) in [(300, 30), (30, 30), (10, 10), (1, 1)] {
            let (mut snapshot, start) = (Snapshot::default(), Instant::now());
            snapshot.record(Ok(fetched("a", max_age)), Some("a"), start);
            assert!(!snapshot.is_quiet(start));
            snapshot.record(Ok(fetched("a", max_age)), Some("unknown"), start);
            assert!(snapshot.is_quiet(start + cooldown * SECOND - Duration::from_millis(1)));
            assert!(!snapshot.is_quiet(start + cooldown * SECOND));
            assert_eq!(snapshot.refusal(start), TokenError::UnknownKey.into());
        }
    }

    #[test]
    fn a_fetch_that_nobody_asked_for_neither_starts_nor_ends_a_cooldown() {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        snapshot.record(Ok(fetched("a", 300)), None, start);
        assert!(!snapshot.is_quiet(start));
        snapshot.record(Ok(fetched("a", 300)), Some("unknown"), start);
        snapshot.record(Ok(fetched("a", 300)), None, start + 10 * SECOND);
        assert!(snapshot.is_quiet(start + 29 * SECOND));
        assert!(!snapshot.is_quiet(start + 30 * SECOND));
    }

    #[test]
    fn a_failure_counts_for_the_cooldown_and_leaves_the_set() {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        snapshot.record(Ok(fetched("a", 300)), None, start);
        snapshot.record(Err(failure()), None, start);
        assert!(snapshot.keys_with("a", start).is_some());
        assert!(snapshot.is_quiet(start + 29 * SECOND));
        let retry_after = 20 * SECOND;
        assert_eq!(snapshot.refusal(start + 10 * SECOND), VerifyError::Unavailable { retry_after });
    }

    #[test]
    fn recovery_from_a_failure_ends_its_cooldown() {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        snapshot.record(Ok(fetched("a", 300)), None, start);
        snapshot.record(Err(failure()), None, start);
        assert!(snapshot.is_quiet(start + SECOND));
        snapshot.record(Ok(fetched("a", 300)), None, start + SECOND);
        assert!(!snapshot.is_quiet(start + SECOND), "a key that appears now is asked for at once");
    }

    #[test]
    fn without_a_set_the_cooldown_is_a_second() {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        snapshot.record(Err(failure()), Some("a"), start);
        assert!(snapshot.is_quiet(start + Duration::from_millis(999)));
        assert!(!snapshot.is_quiet(start + SECOND));
        // A caller that hears of the failure late is still told of a failure.
        assert_eq!(snapshot.refusal(start + 5 * SECOND), VerifyError::Unavailable { retry_after: SECOND });
    }

    #[test]
    fn a_set_serves_for_a_day_and_then_counts_as_none() {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        snapshot.record(Ok(fetched("a", 300)), None, start);
        snapshot.record(Err(failure()), None, start + 86_399 * SECOND);
        assert!(snapshot.keys_with("a", start + 86_399 * SECOND).is_some());
        assert!(snapshot.keys_with("a", start + 86_400 * SECOND).is_none());
        let last_error = Some(KeySetError::NoUsableKey.to_string());
        assert_eq!(snapshot.state(start + 86_400 * SECOND), KeyState::Missing { last_error });
        snapshot.record(Err(failure()), Some("a"), start + 86_400 * SECOND);
        assert!(!snapshot.is_quiet(start + 86_430 * SECOND), "and it may recover at once");
    }
}
