use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Where the time comes from: the system, or a test.
///
/// ```
/// use std::time::Duration;
/// use shared_claims::Clock;
///
/// let clock = Clock::fixed_at(1_000_000);
/// let same = clock.clone();
/// clock.advance(Duration::from_secs(5));
/// assert_eq!(same.now_secs(), 1_005);
/// ```
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still at `unix_ms` milliseconds since 1970. Its clones are the same clock.
    pub fn fixed_at(unix_ms: i64) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(unix_ms))))
    }

    /// Moves a fixed clock and its clones ahead. The system's clock is not ours to move: there this does nothing.
    pub fn advance(&self, by: Duration) {
        if let Source::Fixed(now) = &self.0 {
            now.fetch_add(millis(by), Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock and its clones. The system's clock is not ours to set: there this does nothing.
    pub fn set(&self, unix_ms: i64) {
        if let Source::Fixed(now) = &self.0 {
            now.store(unix_ms, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::Fixed(now) => now.load(Ordering::SeqCst),
            Source::System => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => millis(since),
                Err(before) => -millis(before.duration()),
            },
        }
    }

    /// Whole seconds since 1970.
    pub fn now_secs(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// Whole milliseconds, at most what an `i64` holds.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_fixed_clock_move_together() {
        let clock = Clock::fixed_at(0);
        let clone = clock.clone();
        clock.advance(Duration::from_millis(1_999));
        assert_eq!((clone.now_ms(), clone.now_secs()), (1_999, 1));
        clone.set(-1);
        assert_eq!((clock.now_ms(), clock.now_secs()), (-1, -1));
    }

    #[test]
    fn the_system_clock_cannot_be_moved() {
        let clock = Clock::system();
        let before = clock.now_ms();
        clock.set(0);
        clock.advance(Duration::from_secs(1_000_000));
        let after = clock.now_ms();
        assert!(before > 0 && after >= before && after - before < 1_000_000, "{before} {after}");
    }
}
