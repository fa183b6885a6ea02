use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{Shared, Wish};

/// Tells that the refresher runs, until its future is dropped: at its end, on a panic, or with its runtime.
pub(super) struct Running(pub(super) Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Fetches whenever a fetch is due or asked for, for as long as somebody holds the key set. It refreshes an idle
/// verifier too, so that a key that was revoked leaves every verifier in time.
pub(super) async fn run(shared: Weak<Shared>, wake: Arc<Notify>, _running: Running) {
    loop {
        // Nothing is held while sleeping, or the key set would never be dropped.
        let Some(due_at) = shared.upgrade().map(|shared| shared.latest.borrow().due_at(Instant::now()))
        else {
            return;
        };
        tokio::select! {
            () = sleep_until(due_at) => {}
            () = wake.notified() => {}
        }
        let Some(shared) = shared.upgrade() else { return };
        let wish = shared.take_wish();
        if wish.is_some() || Instant::now() >= due_at {
            shared.fetch(wish).await;
        }
    }
}

impl Shared {
    async fn fetch(&self, wish: Option<Wish>) {
        let result = self.source.fetch().await;
        match &result {
            Ok(fetched) => log::debug!("fetched the key set {}: {:?}", self.source, fetched.keys),
            Err(error) => log::warn!("fetching the key set {} failed: {error}", self.source),
        }
        // Who came while the fetch was under way shares its result.
        let asked_for = wish.or_else(|| self.take_wish()).and_then(|wish| wish.kid);
        self.latest.send_modify(|latest| latest.record(result, asked_for.as_deref(), Instant::now()));
    }
}
