use std::{mem, time::Duration};

use tokio::time::Instant;

use super::{
    StatusList,
    list_token::VerifiedList,
    source::{FetchError, Fetched},
};
use crate::verifier::{VerifyError, http::TIMEOUT, running::GRACE};

/// A list is fetched at most once in this time, whatever its issuer says.
pub(super) const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);
/// How long a failure is remembered while there is no list to look at.
const COOLDOWN: Duration = Duration::from_secs(1);
/// However long an issuer lets a copy be kept or used.
const LONGEST: Duration = Duration::from_hours(24);
/// How long a list that could not be had is remembered.
const LIFETIME_OF_NOTHING: Duration = Duration::from_mins(1);

/// What is known of a list after some number of fetches.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    held: Option<Held>,
    /// How many fetches have ended.
    pub(super) attempts: u64,
    /// Since the last one that was answered with a good list.
    failures: u32,
    began_at: Option<Instant>,
    /// Until then nobody who has no list to look at causes a fetch.
    quiet_until: Option<Instant>,
    /// When the next fetch is due without anybody asking; never while there is no list.
    due_at: Option<Instant>,
    /// From then on the list at hand is older than a refresher that runs lets it become.
    stalled_at: Option<Instant>,
    /// Nothing but older lists has been fetched of late.
    is_lagging: bool,
}

#[derive(Debug)]
struct Held {
    list: StatusList,
    /// What was made before this second is older. It is the list's `iat`, but never ahead of our clock as of the fetch:
    /// a list with an `iat` in the future must not lock out those that come after it.
    not_before: i64,
    iat: i64,
    exp: i64,
    ttl: Duration,
}

/// How the list at hand was changed by a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Replaced,
    /// The answer was older than the list at hand: a cache that lags, or a replay.
    Lagging,
    /// The same, once more.
    StillLagging,
    Failed,
}

impl Snapshot {
    /// The list at hand and its `exp`.
    pub(super) fn held(&self) -> Option<(&StatusList, i64)> {
        self.held.as_ref().map(|held| (&held.list, held.exp))
    }

    pub(super) fn is_quiet(&self, now: Instant) -> bool {
        self.quiet_until.is_some_and(|until| now < until)
    }

    /// There was a list, and it cannot be refreshed.
    pub(super) fn is_failing(&self) -> bool {
        self.held.is_some() && self.failures > 0
    }

    /// A fetch should have begun, or ended, long ago.
    pub(super) fn is_stalled(&self, now: Instant) -> bool {
        self.stalled_at.is_some_and(|at| now >= at)
    }

    /// What to tell those who have no list to look at.
    pub(super) fn refusal(&self, now: Instant) -> VerifyError {
        let retry_after = self.quiet_until.map_or(COOLDOWN, |until| until - now).max(COOLDOWN);
        VerifyError::Unavailable { retry_after }
    }

    pub(super) fn due_at(&self) -> Option<Instant> {
        self.due_at
    }

    /// Before this no fetch may begin, even if somebody waits for it.
    pub(super) fn earliest_fetch(&self) -> Option<Instant> {
        self.began_at.map(|began_at| began_at + SHORTEST_INTERVAL)
    }

    /// How long the list is worth keeping after its last use: when that has passed, so has every token that was checked
    /// with it.
    pub(super) fn lifetime(&self) -> Duration {
        self.held.as_ref().map_or(LIFETIME_OF_NOTHING, |held| seconds(held.exp.saturating_sub(held.iat)))
    }

    /// Takes in that a fetch begins: nobody needs to wait for it, unless it takes longer than a fetch can.
    pub(super) fn begin(&mut self, now: Instant) {
        self.stalled_at = Some(now + TIMEOUT + GRACE);
    }

    /// Takes in how a fetch ended that began at `began_at`. The list at hand is only ever replaced by a good one that is
    /// not older.
    pub(super) fn record(
        &mut self,
        result: Result<Fetched, FetchError>,
        began_at: Instant,
        now: Instant,
    ) -> Change {
        let change = self.take_in(result, began_at, now);
        // After a slow fetch the next may be overdue already.
        self.stalled_at = self.due_at.map(|due_at| due_at.max(now) + GRACE);
        change
    }

    fn take_in(&mut self, result: Result<Fetched, FetchError>, began_at: Instant, now: Instant) -> Change {
        self.attempts += 1;
        self.began_at = Some(began_at);
        let Ok(fetched) = result else {
            self.failures = self.failures.saturating_add(1);
            self.quiet_until = Some(now + COOLDOWN);
            self.due_at = self.held.as_ref().map(|held| now + backoff(self.failures, held.ttl));
            return Change::Failed;
        };
        self.failures = 0;
        // Our own clock may have been set back since: by it, too, nothing at hand is newer than now.
        let our_time = fetched.began_at_ms.div_euclid(1000);
        if self.held.as_ref().is_some_and(|held| fetched.list.iat < held.not_before.min(our_time)) {
            self.quiet_until = Some(now + COOLDOWN);
            self.due_at = Some(began_at + SHORTEST_INTERVAL);
            let has_lagged = mem::replace(&mut self.is_lagging, true);
            return if has_lagged { Change::StillLagging } else { Change::Lagging };
        }
        self.is_lagging = false;
        let ttl = Duration::from_secs(fetched.list.ttl).min(LONGEST);
        self.quiet_until = None;
        self.due_at = Some(began_at + fresh_for(&fetched, ttl).max(SHORTEST_INTERVAL));
        let not_before = fetched.list.iat.min(our_time);
        let VerifiedList { list, iat, exp, .. } = fetched.list;
        self.held = Some(Held { list, not_before, iat, exp, ttl });
        Change::Replaced
    }
}

/// For how long a fetched list may be kept, counted from when the fetch began: its ttl, but no longer than `iat` + ttl by
/// our clock, because it may have spent time in caches, nor longer than those caches keep it themselves.
fn fresh_for(fetched: &Fetched, ttl: Duration) -> Duration {
    let age_ms = fetched.began_at_ms.saturating_sub(fetched.list.iat.saturating_mul(1000));
    let age = Duration::from_millis(u64::try_from(age_ms).unwrap_or(0));
    ttl.saturating_sub(age).min(fetched.fresh_for.unwrap_or(ttl))
}

/// 1, 2, 4, … seconds, but never longer than a good list is kept.
fn backoff(failures: u32, ttl: Duration) -> Duration {
    let doubled = Duration::from_secs(1 << failures.saturating_sub(1).min(16));
    doubled.min(ttl.max(SHORTEST_INTERVAL))
}

fn seconds(number: i64) -> Duration {
    Duration::from_secs(u64::try_from(number).unwrap_or(0)).min(LONGEST)
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
