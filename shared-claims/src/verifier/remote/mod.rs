//! The issuer's published key set, kept at hand: fetched at first use, refreshed ahead of its age by one background
//! task, and served on through an outage.
//!
//! All fetching is done by that task, so there is never more than one fetch under way and no caller that goes away
//! can cancel it. Callers read the latest [`Snapshot`]; those who miss a key in it, or find that the task has
//! stalled, ask it and wait for its next.

mod fetch;
mod refresher;
mod snapshot;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, timeout},
};

pub(super) use self::fetch::JwksSource;
use self::snapshot::Snapshot;
use super::{KeySet, KeyState, VerifyError, running::Running};

/// Longer than two fetches can take. Only a task that died while somebody waited for it lets this pass.
const PATIENCE: Duration = Duration::from_secs(12);
const UNAVAILABLE: VerifyError = VerifyError::Unavailable { retry_after: Duration::from_secs(1) };

pub(super) struct RemoteKeySet(Arc<Shared>);

/// What the callers and the refresher have in common.
struct Shared {
    source: JwksSource,
    latest: watch::Sender<Snapshot>,
    /// At most one: a flood of callers leaves no more behind than a single caller.
    wish: Mutex<Option<Wish>>,
    wake: Arc<Notify>,
    is_refreshing: Arc<AtomicBool>,
}

/// That somebody waits for a fetch.
struct Wish {
    /// How many fetches had begun when it was made; the next one fulfils it.
    begun: u64,
    kid: Option<String>,
}

impl RemoteKeySet {
    pub(super) fn new(source: JwksSource) -> Self {
        Self(Arc::new(Shared {
            source,
            latest: watch::Sender::new(Snapshot::default()),
            wish: Mutex::new(None),
            wake: Arc::new(Notify::new()),
            is_refreshing: Arc::new(AtomicBool::new(false)),
        }))
    }

    /// The key set that has `kid`. Waits for the network only when the set at hand does not have it and the last
    /// fetch is not too recent to ask again, or when the refresher has stalled.
    pub(super) async fn having(&self, kid: &str) -> Result<Arc<KeySet>, VerifyError> {
        self.keep_refreshing()?;
        let is_stalled = self.0.latest.borrow().is_stalled(Instant::now());
        if is_stalled {
            self.catch_up().await;
        }
        if let Some(keys) = self.0.latest.borrow().keys_with(kid, Instant::now()) {
            return Ok(keys);
        }
        self.ask_for(Some(kid)).await
    }

    /// Fetches a first set if there is none; whether there is one now.
    pub(super) async fn warm_up(&self) -> bool {
        if self.keep_refreshing().is_err() {
            return false;
        }
        let is_warm = self.0.latest.borrow().keys(Instant::now()).is_some();
        is_warm || self.ask_for(None).await.is_ok()
    }

    pub(super) fn state(&self) -> KeyState {
        self.0.latest.borrow().state(Instant::now())
    }

    /// Waits until a fetch has ended. If it has failed, the set at hand serves on.
    async fn catch_up(&self) {
        let mut latest = self.0.latest.subscribe();
        let ended = {
            let latest = latest.borrow_and_update();
            if !latest.is_stalled(Instant::now()) {
                return;
            }
            latest.ended
        };
        // A refresher that stalled is late, so that it fetches without a wish as soon as it runs.
        self.0.wake.notify_one();
        let _ = timeout(PATIENCE, latest.wait_for(|latest| latest.ended > ended)).await;
    }

    /// Waits for a set with that key, or for any set, until a fetch has ended in vain that began after now.
    async fn ask_for(&self, kid: Option<&str>) -> Result<Arc<KeySet>, VerifyError> {
        let mut latest = self.0.latest.subscribe();
        let begun = latest.borrow().begun;
        let asking = async {
            loop {
                {
                    let (latest, now) = (latest.borrow_and_update(), Instant::now());
                    if let Some(keys) = latest.keys_for(kid, now) {
                        return Ok(keys);
                    }
                    if latest.is_quiet(now) || latest.ended > begun {
                        return Err(latest.refusal(now));
                    }
                }
                self.0.wish_for(Wish { begun, kid: kid.map(str::to_owned) });
                latest.changed().await.map_err(|_| UNAVAILABLE)?;
            }
        };
        timeout(PATIENCE, asking).await.unwrap_or(Err(UNAVAILABLE))
    }

    /// Starts the refresher unless it runs. It ends with the runtime that it was started on, such as a server's worker
    /// that stopped; the next caller then starts it on its own.
    fn keep_refreshing(&self) -> Result<(), VerifyError> {
        if self.0.is_refreshing.load(Ordering::Acquire) {
            return Ok(());
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            log::error!("cannot fetch {}: verify tokens within a tokio runtime", self.0.source);
            return Err(UNAVAILABLE);
        };
        if let Some(running) = Running::start(&self.0.is_refreshing) {
            runtime.spawn(refresher::run(Arc::downgrade(&self.0), Arc::clone(&self.0.wake), running));
        }
        Ok(())
    }
}

impl Shared {
    fn wish_for(&self, wish: Wish) {
        let mut pending = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.as_ref().is_none_or(|earlier| earlier.begun < wish.begun) {
            *pending = Some(wish);
        }
        drop(pending);
        self.wake.notify_one();
    }

    /// The pending wish, unless it has been answered since it was made: by a fetch that began after it, by the key in a
    /// set that was fetched meanwhile, or by a cooldown.
    fn take_wish(&self) -> Option<Wish> {
        let wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let (latest, now) = (self.latest.borrow(), Instant::now());
        let is_open = wish.begun == latest.begun
            && latest.keys_for(wish.kid.as_deref(), now).is_none()
            && !latest.is_quiet(now);
        is_open.then_some(wish)
    }
}

impl Drop for Shared {
    /// Wakes the refresher, which then finds that nobody needs it any more.
    fn drop(&mut self) {
        self.wake.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing listens on this port, so a fetch fails at once.
    fn unreachable_key_set() -> RemoteKeySet {
        RemoteKeySet::new(JwksSource::new("http://127.0.0.1:9/jwks.json".parse().unwrap()).unwrap())
    }

    /// Lets the refresher find that the next fetch is due in 30 seconds.
    async fn let_it_sleep_long(keys: &RemoteKeySet) {
        for _ in 0..8 {
            let failure = crate::KeySetError::NoUsableKey.into();
            keys.0.latest.send_modify(|latest| latest.record(Err(failure), None, Instant::now()));
        }
        keys.0.wake.notify_one();
        tokio::task::yield_now().await;
    }

    #[tokio::test]
    async fn the_refresher_ends_with_its_key_set() {
        let keys = unreachable_key_set();
        assert!(!keys.warm_up().await);
        let is_refreshing = Arc::clone(&keys.0.is_refreshing);
        assert!(is_refreshing.load(Ordering::Acquire));
        let_it_sleep_long(&keys).await;
        drop(keys);
        let deadline = Instant::now() + Duration::from_secs(10);
        while is_refreshing.load(Ordering::Acquire) {
            assert!(Instant::now() < deadline, "it goes on without anybody needing it");
            tokio::task::yield_now().await;
        }
    }

    fn wish(begun: u64, kid: &str) -> Wish {
        Wish { begun, kid: Some(kid.to_owned()) }
    }

    #[test]
    fn the_first_of_the_latest_wishes_is_taken() {
        let keys = unreachable_key_set();
        keys.0.latest.send_modify(|latest| latest.begun = 1);
        keys.0.wish_for(wish(0, "late"));
        assert!(keys.0.take_wish().is_none(), "a fetch has begun since");
        for (begun, kid) in [(0, "late"), (1, "first"), (1, "second")] {
            keys.0.wish_for(wish(begun, kid));
        }
        assert_eq!(keys.0.take_wish().and_then(|wish| wish.kid).as_deref(), Some("first"));
    }

    #[test]
    fn a_wish_that_was_answered_meanwhile_is_dropped() {
        let keys = unreachable_key_set();
        let key = crate::VerificationKey::from_numbers(Some("new"), &[0xff; 256], &[1, 0, 1]).unwrap();
        let set =
            || fetch::Fetched { keys: [key.clone()].into_iter().collect(), max_age: Duration::from_mins(5) };
        keys.0.latest.send_modify(|latest| latest.record(Ok(set()), None, Instant::now()));
        keys.0.wish_for(wish(0, "new"));
        assert!(keys.0.take_wish().is_none(), "the key is there");
        keys.0.wish_for(wish(0, "unknown"));
        assert!(keys.0.take_wish().is_some());
        keys.0.latest.send_modify(|latest| latest.record(Ok(set()), Some("unknown"), Instant::now()));
        keys.0.wish_for(wish(0, "unknown"));
        assert!(keys.0.take_wish().is_none(), "a cooldown has begun");
    }
}
