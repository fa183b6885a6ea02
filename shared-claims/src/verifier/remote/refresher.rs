use std::sync::{Arc, Weak};

use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::{Shared, Wish};
use crate::verifier::running::Running;

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
    /// Only who asked before the fetch began can learn from it that his key does not exist: what the issuer published
    /// meanwhile may be missing from its answer. Who came later looks at the result too, and asks again if need be.
    async fn fetch(&self, wish: Option<Wish>) {
        self.latest.send_if_modified(|latest| {
            latest.begin(Instant::now());
            false
        });
        let result = self.source.fetch().await;
        match &result {
            Ok(fetched) => log::debug!("fetched the key set {}: {:?}", self.source, fetched.keys),
            Err(error) => log::warn!("fetching the key set {} failed: {error}", self.source),
        }
        let asked_for = wish.and_then(|wish| wish.kid);
        self.latest.send_modify(|latest| latest.record(result, asked_for.as_deref(), Instant::now()));
    }
}
