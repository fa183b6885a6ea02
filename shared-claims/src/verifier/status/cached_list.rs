use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};

use super::{snapshot::Snapshot, source::ListSource};
use crate::verifier::VerifyError;

/// Longer than a fetch can take after the pause before it. Only a task that died while somebody waited for it lets this
/// pass.
const PATIENCE: Duration = Duration::from_secs(8);

/// One list of the issuer, kept at hand.
pub(super) struct CachedList {
    pub(super) number: u64,
    pub(super) latest: watch::Sender<Snapshot>,
    /// Somebody waits for a fetch.
    pub(super) is_wanted: AtomicBool,
    pub(super) wake: Arc<Notify>,
    pub(super) is_refreshing: Arc<AtomicBool>,
    created_at: Instant,
    /// In milliseconds since `created_at`.
    used_at_ms: AtomicU64,
}

/// What a list says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// Status 0.
    Valid,
    /// Any other.
    Invalid,
    /// The list is not that long.
    Missing,
}

impl CachedList {
    pub(super) fn new(number: u64) -> Self {
        Self {
            number,
            latest: watch::Sender::new(Snapshot::default()),
            is_wanted: AtomicBool::new(false),
            wake: Arc::new(Notify::new()),
            is_refreshing: Arc::new(AtomicBool::new(false)),
            created_at: Instant::now(),
            used_at_ms: AtomicU64::new(0),
        }
    }

    /// An entry when a fetch has ended, unless one has just failed. A list that expired while its issuer could not be
    /// reached is not waited for: the refresher goes on trying, and requests must not pile up meanwhile.
    pub(super) async fn entry_after_fetch(
        &self,
        idx: u64,
        source: &ListSource,
        keep_refreshing: impl FnOnce() -> Result<(), VerifyError>,
    ) -> Result<Entry, VerifyError> {
        let mut latest = self.latest.subscribe();
        let attempts = {
            let (latest, now) = (latest.borrow_and_update(), Instant::now());
            // A fetch may have ended since the caller looked; then nobody begins another for him.
            if !latest.is_stalled(now)
                && let Some(entry) = entry(&latest, idx, source)
            {
                return Ok(entry);
            }
            if latest.is_quiet(now) || (latest.is_failing() && !latest.is_stalled(now)) {
                return Err(latest.refusal(now));
            }
            latest.attempts
        };
        // In this order: a refresher that ends looks for wishes when it no longer counts as running.
        self.is_wanted.store(true, Ordering::SeqCst);
        self.wake.notify_one();
        keep_refreshing()?;
        // It does not matter whether a fetch ended well: what counts is the list that is at hand then. Nor does it matter
        // when the fetch began, since a list that was read from the network a moment ago is as good as any.
        let _ = timeout(PATIENCE, latest.wait_for(|latest| latest.attempts > attempts)).await;
        let latest = self.latest.borrow();
        entry(&latest, idx, source).ok_or_else(|| latest.refusal(Instant::now()))
    }

    /// An entry as the list at hand has it; `None` if it takes a fetch to tell, because there is no list at hand whose
    /// `exp` is still to come, or because its refresher has stalled.
    pub(super) fn entry_at_hand(&self, idx: u64, source: &ListSource) -> Option<Entry> {
        let latest = self.latest.borrow();
        if latest.is_stalled(Instant::now()) { None } else { entry(&latest, idx, source) }
    }

    /// Notes that a token has named this list. Most calls find the time noted already and write nothing, which other
    /// processors would have to fetch.
    pub(super) fn note_use(&self) {
        let now = u64::try_from(self.created_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        if now.saturating_sub(self.used_at_ms.load(Ordering::Relaxed)) >= 100 {
            self.used_at_ms.store(now, Ordering::Relaxed);
        }
    }

    pub(super) fn used_at(&self) -> Instant {
        self.created_at + Duration::from_millis(self.used_at_ms.load(Ordering::Relaxed))
    }

    /// When nobody will miss it any more, unless it is used again before.
    pub(super) fn idle_at(&self) -> Instant {
        self.used_at() + self.latest.borrow().lifetime()
    }
}

fn entry(latest: &Snapshot, idx: u64, source: &ListSource) -> Option<Entry> {
    let (list, _) = latest.held().filter(|(_, exp)| !source.has_passed(*exp))?;
    Some(match list.get(idx) {
        Some(0) => Entry::Valid,
        Some(_) => Entry::Invalid,
        None => Entry::Missing,
    })
}

impl Drop for CachedList {
    /// Wakes the refresher, which then finds that nobody needs it any more.
    fn drop(&mut self) {
        self.wake.notify_one();
    }
}
