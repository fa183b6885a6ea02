//! Keys of one kind in the order in which they come into use.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use super::{
    KeyFolder, Kind, RefreshSecret, SigningKey,
    rotation::{Rotation, later},
};

/// What a key does at a point in time: `next`, its time is ahead; `active`, it signs; `retired`, it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// Its time is ahead: published, not signing.
    Next,
    /// The newest whose time has come: it signs.
    Active,
    /// Older: published, not signing.
    Retired,
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        })
    }
}

/// A key of some kind.
pub(super) trait Member: Sized {
    const KIND: Kind;
    fn generate() -> anyhow::Result<Zeroizing<Vec<u8>>>;
    fn parse(content: &[u8]) -> anyhow::Result<Self>;
    /// Names the key without telling it.
    fn id(&self) -> String;
    /// How long what one of them made may be shown after its successor took over.
    fn outlives(rotation: &Rotation) -> Duration;
}

impl Member for SigningKey {
    const KIND: Kind = Kind::SigningKey;
    fn generate() -> anyhow::Result<Zeroizing<Vec<u8>>> {
        Self::generate_pem()
    }
    fn parse(content: &[u8]) -> anyhow::Result<Self> {
        Self::from_pem(content)
    }
    fn id(&self) -> String {
        self.kid().to_owned()
    }
    fn outlives(rotation: &Rotation) -> Duration {
        rotation.tokens_outlive
    }
}

impl Member for RefreshSecret {
    const KIND: Kind = Kind::RefreshSecret;
    fn generate() -> anyhow::Result<Zeroizing<Vec<u8>>> {
        Self::generate()
    }
    fn parse(content: &[u8]) -> anyhow::Result<Self> {
        Self::from_bytes(content)
    }
    fn id(&self) -> String {
        self.hex_id()
    }
    fn outlives(rotation: &Rotation) -> Duration {
        rotation.links_outlive
    }
}

/// A key and where it is kept.
pub(super) struct Entry<T> {
    /// From when on it is in use. Unix seconds.
    pub(super) activates_at: i64,
    /// The file of the earliest name.
    pub(super) path: PathBuf,
    /// Other files of the same key. There is one while a file is renamed.
    pub(super) copies: Vec<PathBuf>,
    fingerprint: Vec<u8>,
    pub(super) key: Arc<T>,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        let Self { activates_at, path, copies, fingerprint, key } = self;
        let (path, copies, fingerprint) = (path.clone(), copies.clone(), fingerprint.clone());
        Self { activates_at: *activates_at, path, copies, fingerprint, key: key.clone() }
    }
}

/// What is due to be done with the files of one kind.
pub(super) enum Step<'a, T> {
    Delete(&'a Entry<T>),
    Rename(&'a Entry<T>, i64),
    Add(i64),
}

/// Every key of one kind, oldest first.
pub(super) struct Succession<T> {
    entries: Vec<Entry<T>>,
    /// Why files that have a key's name are none, or may not be used.
    pub(super) faults: Vec<String>,
}

impl<T> Default for Succession<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), faults: Vec::new() }
    }
}

impl<T: Member> fmt::Debug for Succession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries.iter().map(|entry| (entry.activates_at, entry.key.id()))).finish()
    }
}

impl<T: Member> Succession<T> {
    /// Reads every file anew, so that one that was replaced or opened to others is noticed. What `before` has parsed
    /// already is not parsed again, which takes far longer than to read it.
    ///
    /// A file that is at fault keeps nobody from noticing what became of the others: a leaked key that was deleted is gone.
    /// What was read from it before, under the same name, stays in use.
    pub(super) fn read(folder: &KeyFolder, before: &Self) -> anyhow::Result<Self> {
        let (mut entries, mut faults): (Vec<Entry<T>>, _) = (Vec::new(), Vec::new());
        for (activates_at, path) in folder.list(T::KIND)? {
            let entry = match before.read_entry(folder, activates_at, &path) {
                Ok(entry) => entry,
                // It was there a moment ago, and now it is deleted or has another name.
                Err(_) if !path.exists() => continue,
                Err(fault) => {
                    faults.push(format!("{fault:#}"));
                    let Some(known) = before.entries.iter().find(|known| known.path == path) else {
                        continue;
                    };
                    Entry { copies: Vec::new(), ..known.clone() }
                }
            };
            // A file has two names while it is renamed, and the earlier one is the new one.
            match entries.iter_mut().find(|earlier| earlier.key.id() == entry.key.id()) {
                Some(earlier) => earlier.copies.push(path),
                None => entries.push(entry),
            }
        }
        Ok(Self { entries, faults })
    }

    fn read_entry(&self, folder: &KeyFolder, activates_at: i64, path: &Path) -> anyhow::Result<Entry<T>> {
        let content = folder.read(path)?;
        let fingerprint = digest(&SHA256, &content).as_ref().to_vec();
        let known = self.entries.iter().find(|entry| entry.fingerprint == fingerprint);
        let key = match known {
            Some(known) => known.key.clone(),
            None => Arc::new(T::parse(&content).with_context(|| path.display().to_string())?),
        };
        Ok(Entry { activates_at, path: path.to_owned(), copies: Vec::new(), fingerprint, key })
    }

    /// Without those that nothing good was made with any more.
    pub(super) fn without_outlived(mut self, rotation: &Rotation, now: i64) -> Self {
        let outlived = self.outlived(rotation, now).count();
        self.entries.drain(..outlived);
        self
    }

    /// The retired whose successors took over so long ago that nothing good is left of what they made: the oldest, if
    /// any. Neither the active nor the next has such a successor.
    fn outlived(&self, rotation: &Rotation, now: i64) -> impl Iterator<Item = &Entry<T>> {
        let outlive = T::outlives(rotation);
        let pairs = self.entries.iter().zip(self.entries.iter().skip(1));
        pairs
            .take_while(move |(_, successor)| later(successor.activates_at, outlive) <= now)
            .map(|(entry, _)| entry)
    }

    /// All, oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry<T>> {
        self.entries.iter()
    }

    /// The newest whose time has come.
    pub(super) fn active(&self, now: i64) -> Option<&Entry<T>> {
        self.entries.iter().rev().find(|entry| entry.activates_at <= now)
    }

    /// The first whose time is ahead.
    pub(super) fn next(&self, now: i64) -> Option<&Entry<T>> {
        self.entries.iter().find(|entry| entry.activates_at > now)
    }

    /// What `entry` does.
    pub(super) fn state(&self, entry: &Entry<T>, now: i64) -> KeyState {
        match self.active(now).map(|active| active.activates_at) {
            _ if entry.activates_at > now => KeyState::Next,
            Some(active_at) if active_at == entry.activates_at => KeyState::Active,
            _ => KeyState::Retired,
        }
    }

    /// The first thing to do, so that there is an active and a next one, on schedule, and nothing that has outlived its
    /// use. A key that others have not seen takes over at `soonest`.
    pub(super) fn due(&self, rotation: &Rotation, now: i64, soonest: i64) -> Option<Step<'_, T>> {
        if let Some(outlived) = self.outlived(rotation, now).next() {
            return Some(Step::Delete(outlived));
        }
        match (self.active(now), self.next(now)) {
            // Others know the next already, and would not know a new one.
            (None, Some(next)) => Some(Step::Rename(next, now)),
            (None, None) => Some(Step::Add(now)),
            (Some(active), None) => Some(Step::Add(rotation.successor_at(active.activates_at, soonest))),
            (Some(active), Some(next)) => {
                let planned = rotation.successor_at(active.activates_at, soonest);
                (next.activates_at > planned).then_some(Step::Rename(next, planned))
            }
        }
    }
}
