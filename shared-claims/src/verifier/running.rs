use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A refresher that is later than this has stalled: its process was suspended, its worker is blocked, or its runtime is
/// not driven. Those who come then wait for it, rather than take an old copy for a fresh one.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// Tells that a refresher runs, until its future is dropped: at its end, on a panic, or with its runtime.
pub(super) struct Running(Arc<AtomicBool>);

impl Running {
    /// `None` if it runs already.
    pub(super) fn start(flag: &Arc<AtomicBool>) -> Option<Self> {
        (!flag.swap(true, Ordering::SeqCst)).then(|| Self(Arc::clone(flag)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}
