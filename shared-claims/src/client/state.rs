use std::time::Duration;

use tokio::time::Instant;

use super::{
    ServiceToken,
    endpoint::{FetchError, Fetched},
    error::TokenSourceError,
};
use crate::http::TIMEOUT;

/// A fetch that has not ended by then has stalled: its runtime is blocked or not driven.
const GRACE: Duration = Duration::from_secs(1);
/// Between failed fetches: 1, 2, 4, … seconds, up to this.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
/// No `Retry-After` keeps us away for longer.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// A token's last moments are spent on its way to the other side: a tenth of its life, at most this.
const LONGEST_MARGIN: Duration = Duration::from_secs(2);

/// A time by two clocks: one that cannot be set, but may stand still while the machine sleeps, and one that goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) at: Instant,
    pub(super) wall_ms: i64,
}

/// What is known after some number of fetches.
#[derive(Debug, Default)]
pub(super) struct State {
    held: Option<Held>,
    under_way: Option<UnderWay>,
    /// How many fetches have begun.
    begun: u64,
    /// Since the last one that succeeded.
    failures: u32,
    last_failure: Option<Failure>,
}

#[derive(Debug)]
struct Held {
    token: ServiceToken,
    /// When it was asked for: its life began no sooner.
    asked_at: Moment,
    life: Duration,
}

#[derive(Debug)]
struct UnderWay {
    number: u64,
    began_at: Instant,
}

#[derive(Debug)]
struct Failure {
    error: FetchError,
    /// Until then no fetch begins.
    quiet_until: Instant,
}

/// What somebody who needs a token does next.
#[derive(Debug)]
pub(super) enum Step {
    Use(ServiceToken),
    /// The token is good, and its successor is due.
    UseAndRenew(ServiceToken),
    /// Until the fetch under way has ended, or at that time has stalled.
    WaitUntil(Instant),
    Fetch,
    Refuse(TokenSourceError),
}

impl Moment {
    /// The longer of what both clocks say. One that was set back says nothing.
    fn since(self, earlier: Self) -> Duration {
        let by_wall = u64::try_from(self.wall_ms.saturating_sub(earlier.wall_ms)).unwrap_or(0);
        self.at.saturating_duration_since(earlier.at).max(Duration::from_millis(by_wall))
    }
}

impl Held {
    fn is_good(&self, now: Moment) -> bool {
        let margin = (self.life / 10).min(LONGEST_MARGIN);
        now.since(self.asked_at) + margin < self.life
    }

    /// Less than a quarter of its life is left, or nothing.
    fn is_due(&self, now: Moment) -> bool {
        now.since(self.asked_at) > self.life * 3 / 4 || !self.is_good(now)
    }
}

impl State {
    pub(super) fn step(&self, now: Moment) -> Step {
        match &self.held {
            Some(held) if held.is_good(now) && self.may_begin(now) => Step::UseAndRenew(held.token.clone()),
            Some(held) if held.is_good(now) => Step::Use(held.token.clone()),
            _ => match (self.stalls_at(now), self.refusal(now)) {
                (Some(stalled_at), _) => Step::WaitUntil(stalled_at),
                (None, Some(refusal)) => Step::Refuse(refusal),
                (None, None) => Step::Fetch,
            },
        }
    }

    /// Takes in that a fetch begins; its number. `None` if none may: another is under way or has just ended.
    pub(super) fn begin(&mut self, now: Moment) -> Option<u64> {
        if !self.may_begin(now) {
            return None;
        }
        self.begun += 1;
        self.under_way = Some(UnderWay { number: self.begun, began_at: now.at });
        Some(self.begun)
    }

    /// Takes in how a fetch ended. A failure never touches the token at hand.
    pub(super) fn record(
        &mut self,
        number: u64,
        asked_at: Moment,
        result: Result<Fetched, FetchError>,
        now: Moment,
    ) {
        let is_latest = self.abandon(number);
        let held = result.map(|Fetched { token, life }| Held { token, asked_at, life });
        match held {
            Ok(held) if held.is_good(now) => {
                self.held = Some(held);
                (self.failures, self.last_failure) = (0, None);
            }
            // One that was given up and failed after all says nothing of the one that was begun in its place.
            Err(_) if !is_latest => {}
            // A server whose tokens are past before they arrive would otherwise be asked without a pause.
            Ok(_) => self.fail(FetchError::Malformed("its token has expired when it arrives"), now),
            Err(error) => self.fail(error, now),
        }
    }

    /// Takes in that a fetch is no longer under way; whether it was.
    pub(super) fn abandon(&mut self, number: u64) -> bool {
        self.under_way.take_if(|under_way| under_way.number == number).is_some()
    }

    /// Forgets the token at hand, if it is this one.
    pub(super) fn forget(&mut self, token: &ServiceToken) {
        self.held.take_if(|held| held.token == *token);
    }

    fn fail(&mut self, error: FetchError, now: Moment) {
        self.failures = self.failures.saturating_add(1);
        let backoff = Duration::from_secs(1 << (self.failures - 1).min(16)).min(LONGEST_BACKOFF);
        let wanted = error.wanted_wait().unwrap_or_default().min(LONGEST_WAIT);
        self.last_failure = Some(Failure { error, quiet_until: now.at + backoff.max(wanted) });
    }

    fn may_begin(&self, now: Moment) -> bool {
        let is_needed = self.held.as_ref().is_none_or(|held| held.is_due(now));
        is_needed && self.stalls_at(now).is_none() && self.refusal(now).is_none()
    }

    /// When the fetch under way will have stalled, if there is one that has not.
    fn stalls_at(&self, now: Moment) -> Option<Instant> {
        let stalls_at = self.under_way.as_ref()?.began_at + TIMEOUT + GRACE;
        (now.at < stalls_at).then_some(stalls_at)
    }

    /// The last failure, while it is too early to try again.
    fn refusal(&self, now: Moment) -> Option<TokenSourceError> {
        let failure = self.last_failure.as_ref()?;
        let left = failure.quiet_until.checked_duration_since(now.at).filter(|left| !left.is_zero())?;
        Some(failure.error.told(left.max(Duration::from_secs(1))))
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
