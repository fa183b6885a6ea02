//! The keys in use: read from the folder, completed, reread when the folder changes and on a timer.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use shared_claims::Clock;

use super::{
    KeyFolder, KeyRing, ListedKey, Rotation,
    folder_changes::FolderLock,
    journal::{Journal, ScheduledChange, ScheduledStep},
    rotation::BY_HAND,
    succession::{Member, Step, Succession},
};

/// How long a start, or a change by hand, waits for another instance that is making keys.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a reading waits for it. Afterwards the folder is read as it is, in case the other one has stopped for good.
const REREAD_PATIENCE: Duration = Duration::from_secs(2);

/// The current [`KeyRing`] of a folder. Cheap to clone; all clones see the same ring.
#[derive(Debug, Clone)]
pub struct Keys {
    pub(super) folder: KeyFolder,
    pub(super) rotation: Rotation,
    clock: Clock,
    ring: Arc<RwLock<Arc<KeyRing>>>,
    /// Held while the folder is read, so that no older reading replaces a newer one.
    turn: Arc<Mutex<()>>,
    journal: Arc<Journal>,
}

impl Keys {
    /// Reads the folder; makes what is missing if the folder is ours to write. A file that is at fault stops the start,
    /// before anybody relies on it.
    pub fn open(folder: KeyFolder, rotation: Rotation, clock: Clock) -> anyhow::Result<Self> {
        // Before anything is changed: a successor must not take over because a key cannot be read.
        refuse_fault(&KeyRing::read(&folder, &rotation, clock.now_secs())?)?;
        Self::open_with_faults(folder, rotation, clock)
    }

    /// As [`Self::open`], for those who mend the folder: a file that is at fault is left alone.
    pub fn open_with_faults(folder: KeyFolder, rotation: Rotation, clock: Clock) -> anyhow::Result<Self> {
        let (ring, turn, journal) = (Arc::default(), Arc::default(), Arc::default());
        let keys = Self { folder, rotation, clock, ring, turn, journal };
        keys.reread_within(PATIENCE)?;
        keys.ring().serves().map_err(|missing| {
            keys.folder
                .complain(format!("{missing}, and the folder is read-only or locked by another process"))
        })?;
        Ok(keys)
    }

    /// The ring as it was last read.
    pub fn ring(&self) -> Arc<KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How keys change.
    pub fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// Whether we may change them: a folder that is read-only to us is managed from outside.
    pub fn are_managed_here(&self) -> bool {
        self.folder.is_writable()
    }

    /// What we did by ourselves and nobody has taken yet. Waits until there is something.
    pub async fn scheduled(&self) -> Vec<ScheduledChange> {
        loop {
            self.journal.wait().await;
            let changes = self.take_scheduled();
            if !changes.is_empty() {
                return changes;
            }
        }
    }

    /// As [`Self::scheduled`], without waiting.
    pub fn take_scheduled(&self) -> Vec<ScheduledChange> {
        self.journal.take()
    }

    /// Completes and reads the folder. After an error what could be read is in use.
    pub fn reread(&self) -> anyhow::Result<()> {
        self.reread_within(REREAD_PATIENCE)?;
        let ring = self.ring();
        refuse_fault(&ring)?;
        ring.serves()
    }

    fn reread_within(&self, patience: Duration) -> anyhow::Result<()> {
        let _turn = self.take_turn();
        if !self.folder.is_writable() {
            return self.read_as_it_is();
        }
        match self.folder.lock(patience) {
            Ok(Some(lock)) => self.complete(&lock),
            Ok(None) => self.read_as_it_is(),
            Err(error) => self.read_as_it_is().and(Err(error.into())),
        }
    }

    pub(super) fn take_turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now_secs().max(self.ring().read_at)
    }

    /// The soonest that a key may take over which somebody may not have seen.
    pub(super) fn soonest(&self) -> i64 {
        self.rotation.soonest(self.clock.now_ms().max(self.ring().read_at.saturating_mul(1000)))
    }

    /// There is an active and a next one of each kind at all times, from the first start on. Where nothing can be
    /// written, what others have changed counts nevertheless.
    pub(super) fn complete(&self, lock: &FolderLock) -> anyhow::Result<()> {
        let (before, read_at) = (self.ring(), self.now());
        let settle = || {
            let signing = self.settle(lock, &before.signing, read_at)?;
            let secrets = self.settle(lock, &before.secrets, read_at)?;
            anyhow::Ok(KeyRing { read_at, signing, secrets })
        };
        match settle() {
            Ok(ring) => self.publish(ring),
            Err(error) => self.read_as_it_is().and(Err(error))?,
        }
        Ok(())
    }

    fn settle<T: Member>(
        &self,
        lock: &FolderLock,
        before: &Succession<T>,
        now: i64,
    ) -> anyhow::Result<Succession<T>> {
        let mut succession = Succession::read(&self.folder, before)?;
        while let Some(step) = succession.due(&self.rotation, now, self.soonest()) {
            self.journal.add(self.take(lock, &step)?);
            succession = Succession::read(&self.folder, &succession)?;
        }
        Ok(succession)
    }

    /// Changes the folder, and tells what was done.
    pub(super) fn take<T: Member>(
        &self,
        lock: &FolderLock,
        step: &Step<'_, T>,
    ) -> anyhow::Result<ScheduledChange> {
        let (id, step) = match *step {
            Step::Delete(entry) => {
                log::info!("deleting the {} {}", T::KIND, entry.key.id());
                // The copies first: without the file of the earliest name they would be the key, at their time.
                for path in entry.copies.iter().chain([&entry.path]) {
                    self.folder.delete(lock, path)?;
                }
                (entry.key.id(), ScheduledStep::Deleted)
            }
            Step::Rename(entry, activates_at) => {
                log::info!("the {} {} comes into use at {}", T::KIND, entry.key.id(), from(activates_at));
                self.folder.rename(lock, &entry.path, T::KIND, activates_at)?;
                (entry.key.id(), ScheduledStep::Moved(told(activates_at)))
            }
            Step::Add(activates_at) => {
                let content = T::generate()?;
                let id = T::parse(&content)?.id();
                log::info!("making the {} {id}, which comes into use at {}", T::KIND, from(activates_at));
                self.folder.add(lock, T::KIND, activates_at, &content)?;
                (id, ScheduledStep::Made(told(activates_at)))
            }
        };
        Ok(ScheduledChange { kind: T::KIND, id, step })
    }

    fn read_as_it_is(&self) -> anyhow::Result<()> {
        let ring = self.ring().read_again(&self.folder, &self.rotation, self.now())?;
        self.publish(ring);
        Ok(())
    }

    fn publish(&self, ring: KeyRing) {
        let kept: HashSet<String> = ring.list(ring.read_at).into_iter().map(|key| key.id).collect();
        for ListedKey { kind, id, .. } in self.ring().list(ring.read_at) {
            if !kept.contains(&id) {
                log::info!("the {kind} {id} is no longer in use");
            }
        }
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }
}

fn refuse_fault(ring: &KeyRing) -> anyhow::Result<()> {
    ring.fault().map_or(Ok(()), |fault| Err(anyhow::anyhow!(fault.to_owned())))
}

/// As it is told outside: there is no time before somebody says so.
pub(super) fn told(activates_at: i64) -> Option<i64> {
    Some(activates_at).filter(|at| *at < BY_HAND)
}

fn from(activates_at: i64) -> String {
    if activates_at == BY_HAND {
        "the next rotation by hand".into()
    } else {
        shared_service::UtcTime::from_secs(activates_at).to_string()
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
pub(super) mod tests;
