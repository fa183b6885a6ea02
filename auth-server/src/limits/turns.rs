//! Attempts that take turns: of those with one name from one network, this instance makes a few at a time.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// Fewer than are free, or those under way, which count as failures until they end, would refuse one another.
const AT_ONCE: usize = 2;
/// Names and networks are spread over so many, in each process differently: nobody chooses whom to wait with.
const SLOTS: u64 = 4096;
/// How long somebody waits for his turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Who may make an attempt now.
#[derive(Debug)]
pub struct Turns {
    slots: Vec<Semaphore>,
    spread: RandomState,
}

impl Default for Turns {
    fn default() -> Self {
        let slots = (0..SLOTS).map(|_| Semaphore::new(AT_ONCE)).collect();
        Self { slots, spread: RandomState::new() }
    }
}

impl Turns {
    /// Waits for a turn, which lasts as long as what is given. `None` when it does not come in time.
    pub(super) async fn take(&self, name_and_network: &str) -> Option<SemaphorePermit<'_>> {
        let slot = usize::try_from(self.spread.hash_one(name_and_network) % SLOTS).ok()?;
        timeout(LONGEST_WAIT, self.slots.get(slot)?.acquire()).await.ok()?.ok()
    }
}
