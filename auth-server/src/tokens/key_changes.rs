//! What a hand changes about keys: rotate them now, revoke one that has leaked.

use std::sync::Arc;

use super::{
    KeyRing, KeyState, Keys, Kind, ListedKey,
    folder_changes::FolderLock,
    keys::{PATIENCE, told},
    succession::{Entry, Member, Step, Succession},
};

/// The key that takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// From when on it is in use, Unix seconds.
    pub activates_at: i64,
    /// Whether it would have taken over later.
    pub was_later: bool,
}

/// A key that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// What it was.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// What it did.
    pub state: KeyState,
    /// Who does that from now on, if it was active.
    pub successor: Option<Successor>,
}

impl ListedKey {
    pub(super) fn of<T: Member>(succession: &Succession<T>, entry: &Entry<T>, now: i64) -> Self {
        Self {
            kind: T::KIND,
            id: entry.key.id(),
            state: succession.state(entry, now),
            activates_at: told(entry.activates_at),
        }
    }
}

impl Keys {
    /// Lets the next key of each kind take over as soon as others have had the time to see it; one that does so sooner
    /// anyway stays as it is.
    pub fn rotate(&self) -> anyhow::Result<Vec<Successor>> {
        self.change(|lock, ring, now| {
            let soonest = self.soonest();
            let signing = self.bring_forward(lock, &ring.signing, now, soonest)?;
            let is_changed = signing.as_ref().is_some_and(|successor| successor.was_later);
            match self.bring_forward(lock, &ring.secrets, now, soonest) {
                Ok(secret) => Ok(signing.into_iter().chain(secret).collect()),
                // What was done is told, or nobody would know of it.
                Err(error) if is_changed => {
                    log::error!("the signing key is rotated, and the refresh secret is not: {error:#}");
                    Ok(signing.into_iter().collect())
                }
                Err(error) => Err(error),
            }
        })
    }

    /// Drops the key or secret of this id, of which nothing is believed any more. The next takes over at once from an
    /// active one.
    pub fn revoke(&self, id: &str) -> anyhow::Result<Revoked> {
        self.change(|lock, ring, now| {
            if let Some(revoked) = self.drop_key(lock, &ring.signing, now, id)? {
                return Ok(revoked);
            }
            if let Some(revoked) = self.drop_key(lock, &ring.secrets, now, id)? {
                return Ok(revoked);
            }
            let known: Vec<String> = ring.list(now).into_iter().map(|key| key.id).collect();
            anyhow::bail!("there is no key {id}; there are {}", known.join(", "))
        })
    }

    /// Changes the folder under its lock, from a ring just read, and reads it again whatever came of it. What was changed
    /// is told also when that fails, because a next key cannot be made now: it is made by a later reading.
    fn change<R>(
        &self,
        change: impl FnOnce(&FolderLock, &KeyRing, i64) -> anyhow::Result<R>,
    ) -> anyhow::Result<R> {
        let _turn = self.take_turn();
        if !self.folder.is_writable() {
            let told = "keys are managed from outside, because we may only read here; change them where they come \
                        from (docs/operations.md tells how)";
            return Err(self.folder.complain(told).into());
        }
        let lock = self.folder.lock(PATIENCE)?;
        let lock = lock.ok_or_else(|| self.folder.complain("another process keeps its lock; try again"))?;
        self.complete(&lock)?;
        let ring: Arc<KeyRing> = self.ring();
        let made = change(&lock, &ring, self.now());
        if let (Ok(_), Err(error)) = (&made, self.complete(&lock)) {
            log::error!("the keys are changed, but not complete again: {error:#}");
        }
        made
    }

    fn bring_forward<T: Member>(
        &self,
        lock: &FolderLock,
        succession: &Succession<T>,
        now: i64,
        to: i64,
    ) -> anyhow::Result<Option<Successor>> {
        let Some(next) = succession.next(now) else { return Ok(None) };
        let was_later = next.activates_at > to;
        if was_later {
            self.take(lock, &Step::Rename(next, to))?;
        }
        let activates_at = next.activates_at.min(to);
        Ok(Some(Successor { kind: T::KIND, id: next.key.id(), activates_at, was_later }))
    }

    fn drop_key<T: Member>(
        &self,
        lock: &FolderLock,
        succession: &Succession<T>,
        now: i64,
        id: &str,
    ) -> anyhow::Result<Option<Revoked>> {
        let Some(entry) = succession.entries().find(|entry| entry.key.id() == id) else { return Ok(None) };
        let state = succession.state(entry, now);
        log::warn!("revoking the {} {id}", T::KIND);
        let successor = match state {
            // Before the other is gone, so that nobody finds the folder without an active key; and not under its name.
            KeyState::Active => {
                self.bring_forward(lock, succession, now, now.max(entry.activates_at.saturating_add(1)))?
            }
            KeyState::Next | KeyState::Retired => None,
        };
        self.take(lock, &Step::Delete(entry))?;
        Ok(Some(Revoked { kind: T::KIND, id: id.to_owned(), state, successor }))
    }
}

#[cfg(test)]
#[path = "key_changes_tests.rs"]
mod tests;
