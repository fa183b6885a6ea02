//! The end of those who work while something is done to the servers.

use std::sync::atomic::{AtomicBool, Ordering};

/// Tells them when it is dropped, so also when something has failed: a scope waits for its threads.
pub(crate) struct Ended<'a>(pub(crate) &'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
