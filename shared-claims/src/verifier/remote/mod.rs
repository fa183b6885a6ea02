//! The issuer's published key set, kept at hand: fetched at first use, refreshed ahead of its age by one background
//! task, and served on through an outage.
//!
//! All fetching is done by that task, so there is never more than one fetch under way and no caller that goes away
//! can cancel it. Callers read the latest [`Snapshot`]; those who miss a key in it ask the task and wait for its next.

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
use super::{KeySet, KeyState, VerifyError};

/// Longer than any fetch can take. Only a task that died while somebody waited for it lets this pass.
const PATIENCE: Duration = Duration::from_secs(7);

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
    /// How many fetches had ended when it was made; the end of any further one fulfils it.
    attempts: u64,
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
    /// fetch is not too recent to ask again.
    pub(super) async fn having(&self, kid: &str) -> Result<Arc<KeySet>, VerifyError> {
        self.keep_refreshing()?;
        let attempts = {
            let (latest, now) = (self.0.latest.borrow(), Instant::now());
            match latest.keys_with(kid, now) {
                Some(keys) => return Ok(keys),
                None if latest.is_quiet(now) => return Err(latest.refusal(now)),
                None => latest.attempts,
            }
        };
        self.next_attempt(Wish { attempts, kid: Some(kid.to_owned()) }).await?;
        let (latest, now) = (self.0.latest.borrow(), Instant::now());
        latest.keys_with(kid, now).ok_or_else(|| latest.refusal(now))
    }

    /// Fetches a first set if there is none; whether there is one now.
    pub(super) async fn warm_up(&self) -> bool {
        if self.keep_refreshing().is_err() {
            return false;
        }
        let attempts = {
            let (latest, now) = (self.0.latest.borrow(), Instant::now());
            if latest.keys(now).is_some() || latest.is_quiet(now) {
                return latest.keys(now).is_some();
            }
            latest.attempts
        };
        let answered = self.next_attempt(Wish { attempts, kid: None }).await;
        answered.is_ok() && self.0.latest.borrow().keys(Instant::now()).is_some()
    }

    pub(super) fn state(&self) -> KeyState {
        self.0.latest.borrow().state(Instant::now())
    }

    /// Waits until a fetch has ended that had not when the wish was made.
    async fn next_attempt(&self, wish: Wish) -> Result<(), VerifyError> {
        let attempts = wish.attempts;
        let mut latest = self.0.latest.subscribe();
        self.0.wish_for(wish);
        match timeout(PATIENCE, latest.wait_for(|snapshot| snapshot.attempts > attempts)).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(VerifyError::Unavailable { retry_after: Duration::from_secs(1) }),
        }
    }

    /// Starts the refresher unless it runs. It ends with the runtime that it was started on, such as a server's worker
    /// that stopped; the next caller then starts it on its own.
    fn keep_refreshing(&self) -> Result<(), VerifyError> {
        if self.0.is_refreshing.load(Ordering::Acquire) {
            return Ok(());
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            log::error!("cannot fetch {}: verify tokens within a tokio runtime", self.0.source);
            return Err(VerifyError::Unavailable { retry_after: Duration::from_secs(1) });
        };
        if !self.0.is_refreshing.swap(true, Ordering::AcqRel) {
            let running = refresher::Running(Arc::clone(&self.0.is_refreshing));
            runtime.spawn(refresher::run(Arc::downgrade(&self.0), Arc::clone(&self.0.wake), running));
        }
        Ok(())
    }
}

impl Shared {
    fn wish_for(&self, wish: Wish) {
        let mut pending = self.wish.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.as_ref().is_none_or(|earlier| earlier.attempts < wish.attempts) {
            *pending = Some(wish);
        }
        drop(pending);
        self.wake.notify_one();
    }

    /// The pending wish, unless a fetch has ended since it was made.
    fn take_wish(&self) -> Option<Wish> {
        let wish = self.wish.lock().unwrap_or_else(PoisonError::into_inner).take();
        wish.filter(|wish| wish.attempts == self.latest.borrow().attempts)
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

    #[tokio::test]
    async fn a_wish_that_was_fulfilled_meanwhile_is_dropped() {
        let keys = unreachable_key_set();
        assert!(!keys.warm_up().await);
        keys.0.wish_for(Wish { attempts: 0, kid: Some("late".to_owned()) });
        assert!(keys.0.take_wish().is_none(), "a fetch has ended since");
        keys.0.wish_for(Wish { attempts: 0, kid: Some("late".to_owned()) });
        keys.0.wish_for(Wish { attempts: 1, kid: Some("first".to_owned()) });
        keys.0.wish_for(Wish { attempts: 1, kid: Some("second".to_owned()) });
        assert_eq!(keys.0.take_wish().and_then(|wish| wish.kid).as_deref(), Some("first"));
    }
}
