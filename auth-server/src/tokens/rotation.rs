//! When keys change, and how long they are kept.

use std::time::Duration;

/// 9999-12-30T22-00-00Z, the last time that a name can tell: that of a next key which waits for a hand to rename it.
pub(super) const BY_HAND: i64 = 253_402_207_200;

/// When keys change.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// How long a key signs; `None` = keys are changed by hand.
    pub every: Option<Duration>,
    /// How long a key is published before it signs.
    pub publish_ahead: Duration,
    /// How long what a signing key signed may still be shown after its successor took over.
    pub tokens_outlive: Duration,
    /// How long a link that a secret made may still be shown after the secret's successor took over.
    pub links_outlive: Duration,
}

/// How long others may keep the key set: a quarter of the time a key is published ahead, at most five minutes.
pub fn jwks_max_age(publish_ahead: Duration) -> Duration {
    (publish_ahead / 4).clamp(Duration::from_secs(1), Duration::from_mins(5))
}

impl Rotation {
    /// How long others may keep the key set.
    pub fn jwks_max_age(&self) -> Duration {
        jwks_max_age(self.publish_ahead)
    }

    /// How often the folder is read again: so often that a key another instance has added is published well within
    /// the time that verifiers keep the set.
    pub(super) fn reread_every(&self) -> Duration {
        self.jwks_max_age() / 2
    }

    /// When the successor of a key that has signed since `active_at` takes over, which it cannot before `soonest`.
    pub(super) fn successor_at(&self, active_at: i64, soonest: i64) -> i64 {
        self.every.map_or(BY_HAND, |every| later(active_at, every).max(soonest))
    }

    /// The soonest that a key may take over which somebody may not have seen at `now_ms` (Unix milliseconds). Names tell
    /// whole seconds, and a part of one would be missing from the time that it is published ahead.
    pub(super) fn soonest(&self, now_ms: i64) -> i64 {
        later(now_ms.saturating_add(999).div_euclid(1000), self.publish_ahead)
    }
}

/// Whole seconds, never less than `by` ahead.
pub(super) fn later(at: i64, by: Duration) -> i64 {
    let seconds = by.as_secs().saturating_add(u64::from(by.subsec_nanos() > 0));
    at.saturating_add_unsigned(seconds).min(BY_HAND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rotation(every: Option<u64>, publish_ahead: Duration) -> Rotation {
        let outlive = Duration::from_secs(1);
        let every = every.map(Duration::from_secs);
        Rotation { every, publish_ahead, tokens_outlive: outlive, links_outlive: outlive }
    }

    #[test]
    fn others_may_keep_the_key_set_for_a_quarter_of_the_time_a_key_is_ahead() {
        assert_eq!(jwks_max_age(Duration::from_hours(1)), Duration::from_mins(5));
        assert_eq!(jwks_max_age(Duration::from_secs(40)), Duration::from_secs(10));
        assert_eq!(jwks_max_age(Duration::from_secs(2)), Duration::from_secs(1));
    }

    #[test]
    fn a_successor_takes_over_on_schedule_but_never_before_others_have_seen_it() {
        let rotation = rotation(Some(1000), Duration::from_secs(100));
        let successor_at =
            |active_at, now: i64| rotation.successor_at(active_at, rotation.soonest(now * 1000));
        assert_eq!(successor_at(5000, 5000), 6000);
        assert_eq!(successor_at(5000, 5900), 6000);
        assert_eq!(successor_at(5000, 5901), 6001);
        assert_eq!(successor_at(5000, 9000), 9100);
    }

    #[test]
    fn by_hand_a_successor_waits_and_no_schedule_is_later_than_that() {
        assert_eq!(rotation(None, Duration::from_secs(1)).successor_at(5000, 9000), BY_HAND);
        let never = rotation(Some(u64::MAX), Duration::from_secs(1));
        assert_eq!(never.successor_at(5000, 9000), BY_HAND);
    }

    #[test]
    fn part_of_a_second_counts_as_a_whole_one() {
        assert_eq!(rotation(None, Duration::from_millis(1500)).soonest(10_000), 12);
        assert_eq!(rotation(None, Duration::from_secs(2)).soonest(10_000), 12);
        assert_eq!(rotation(None, Duration::from_secs(2)).soonest(10_001), 13);
    }
}
