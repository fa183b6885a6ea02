//! One reading for all who ask at the same time, and never one that is older than the question.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tokio::{
    sync::Mutex,
    task::{JoinError, spawn},
};

/// The latest reading of something. Readings follow one another; whoever asks while one is under way waits for the next,
/// which he shares with all the others who wait.
#[derive(Debug)]
pub(super) struct SharedReading<T> {
    begun: AtomicU64,
    latest: Arc<Mutex<Latest<T>>>,
}

#[derive(Debug)]
struct Latest<T> {
    /// Readings are counted from 1.
    number: u64,
    outcome: Option<T>,
}

impl<T> Default for SharedReading<T> {
    fn default() -> Self {
        let latest = Latest { number: 0, outcome: None };
        Self { begun: AtomicU64::new(0), latest: Arc::new(Mutex::new(latest)) }
    }
}

impl<T: Clone + Send + 'static> SharedReading<T> {
    /// What a reading gave that began after this call. `read` is handed what the one before gave. An error says that the
    /// reading was broken off, because it panicked or the server stops.
    pub(super) async fn fresh<F>(&self, read: impl FnOnce(Option<T>) -> F) -> Result<T, JoinError>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let begun_before = self.begun.load(Ordering::SeqCst);
        let mut latest = self.latest.clone().lock_owned().await;
        if latest.number > begun_before
            && let Some(outcome) = &latest.outcome
        {
            return Ok(outcome.clone());
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let reading = read(latest.outcome.clone());
        // In a task of its own, which holds the lock: a client that goes away must not let the next one begin beside a
        // reading that is still under way.
        let task = spawn(async move {
            let outcome = reading.await;
            *latest = Latest { number, outcome: Some(outcome.clone()) };
            outcome
        });
        task.await
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicUsize, time::Duration};

    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    /// Readings that wait to be let on, counted.
    #[derive(Clone, Default)]
    struct Source(Arc<State>);

    struct State {
        begun: AtomicUsize,
        under_way: AtomicUsize,
        let_on: Semaphore,
    }

    impl Default for State {
        fn default() -> Self {
            Self { begun: AtomicUsize::new(0), under_way: AtomicUsize::new(0), let_on: Semaphore::new(0) }
        }
    }

    impl Source {
        async fn read(self) -> usize {
            let number = self.0.begun.fetch_add(1, Ordering::SeqCst) + 1;
            assert_eq!(self.0.under_way.fetch_add(1, Ordering::SeqCst), 0, "two readings at once");
            self.0.let_on.acquire().await.unwrap().forget();
            self.0.under_way.fetch_sub(1, Ordering::SeqCst);
            number
        }

        async fn wait_until_begun(&self, number: usize) {
            while self.0.begun.load(Ordering::SeqCst) < number {
                tokio::task::yield_now().await;
            }
        }
    }

    #[actix_rt::test]
    async fn all_who_ask_during_a_reading_share_the_next_one() {
        let (source, shared) = (Source::default(), Arc::new(SharedReading::<usize>::default()));
        let ask = || {
            let (source, shared) = (source.clone(), shared.clone());
            spawn(async move { shared.fresh(|_| source.read()).await.unwrap() })
        };
        let first = ask();
        source.wait_until_begun(1).await;
        let others: Vec<_> = (0..100).map(|_| ask()).collect();
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        source.0.let_on.add_permits(1000);
        assert_eq!(first.await.unwrap(), 1);
        assert!(join_all(others).await.into_iter().all(|outcome| outcome.unwrap() == 2));
        assert_eq!(source.0.begun.load(Ordering::SeqCst), 2);
    }

    #[actix_rt::test]
    async fn whoever_asks_after_a_reading_gets_another() {
        let (source, shared) = (Source::default(), SharedReading::<usize>::default());
        source.0.let_on.add_permits(2);
        assert_eq!(shared.fresh(|_| source.clone().read()).await.unwrap(), 1);
        let second = shared.fresh(|before| {
            assert_eq!(before, Some(1));
            source.clone().read()
        });
        assert_eq!(second.await.unwrap(), 2);
    }

    #[actix_rt::test]
    async fn who_goes_away_does_not_let_another_reading_begin() {
        let (source, shared) = (Source::default(), Arc::new(SharedReading::<usize>::default()));
        let gone = tokio::time::timeout(Duration::from_millis(1), shared.fresh(|_| source.clone().read()));
        assert!(gone.await.is_err());
        let (asked, source_of_next) = (shared.clone(), source.clone());
        let next = spawn(async move { asked.fresh(|_| source_of_next.read()).await.unwrap() });
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(source.0.begun.load(Ordering::SeqCst), 1);
        source.0.let_on.add_permits(2);
        assert_eq!(next.await.unwrap(), 2);
    }

    #[actix_rt::test]
    async fn a_reading_that_panics_fails_those_who_wait_for_it_alone() {
        let shared = SharedReading::<usize>::default();
        assert!(shared.fresh(|_| async { panic!("on purpose") }).await.is_err());
        assert_eq!(shared.fresh(|_| async { 7 }).await.unwrap(), 7);
    }
}
