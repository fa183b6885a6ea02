//! The keys and secrets of a folder, as they were read at one time.

use std::{thread, time::Duration};

use anyhow::Context;

use super::{
    KeyFolder, KeyState, Kind, RefreshSecret, Rotation, SecretId, SigningKey,
    succession::{Member, Succession},
};

/// How often a folder that changes while it is read is read again.
const ATTEMPTS: usize = 20;
/// Longer than the steps in which file systems tell the time.
const PAUSE: Duration = Duration::from_millis(20);

/// Every key and secret in the folder that is still of use.
#[derive(Debug, Default)]
pub struct KeyRing {
    /// When the folder was read, Unix seconds. A clock that is set back afterwards takes no key away.
    pub(super) read_at: i64,
    pub(super) signing: Succession<SigningKey>,
    pub(super) secrets: Succession<RefreshSecret>,
}

/// What may be told of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// What it is.
    pub kind: Kind,
    /// The `kid` of a signing key, the id of a secret.
    pub id: String,
    /// What it does.
    pub state: KeyState,
    /// From when on it is in use, Unix seconds; `None` = when somebody says so.
    pub activates_at: Option<i64>,
}

impl KeyRing {
    /// Reads the folder at `now` (Unix seconds), without changing it.
    pub fn read(folder: &KeyFolder, rotation: &Rotation, now: i64) -> anyhow::Result<Self> {
        Self::default().read_again(folder, rotation, now)
    }

    /// Reads the folder again. A listing that is made while files are renamed may lack one: it counts only if nothing
    /// changed meanwhile.
    pub(super) fn read_again(
        &self,
        folder: &KeyFolder,
        rotation: &Rotation,
        now: i64,
    ) -> anyhow::Result<Self> {
        for _ in 0..ATTEMPTS {
            let before = folder.stamp()?;
            let signing = Succession::read(folder, &self.signing);
            let secrets = Succession::read(folder, &self.secrets);
            if folder.stamp()? == before {
                return Ok(Self {
                    read_at: now,
                    signing: signing?.without_outlived(rotation, now),
                    secrets: secrets?.without_outlived(rotation, now),
                });
            }
            thread::sleep(PAUSE);
        }
        Err(folder.complain("changes all the time").into())
    }

    /// What is wrong with a file that has a key's name.
    pub fn fault(&self) -> Option<&str> {
        self.signing.faults.iter().chain(&self.secrets.faults).next().map(String::as_str)
    }

    /// Whether there is one of each kind whose time has come.
    pub fn serves(&self) -> anyhow::Result<()> {
        self.active(self.read_at).and_then(|_| self.active_secret(self.read_at)).map(drop)
    }

    /// The key that signs at `now` (Unix seconds).
    pub fn active(&self, now: i64) -> anyhow::Result<&SigningKey> {
        let active = self.signing.active(now.max(self.read_at));
        active.map(|entry| &*entry.key).context("there is no signing key whose time has come")
    }

    /// All signing keys with their state, oldest first.
    pub fn keys(&self, now: i64) -> impl Iterator<Item = (&SigningKey, KeyState)> {
        let now = now.max(self.read_at);
        self.signing.entries().map(move |entry| (&*entry.key, self.signing.state(entry, now)))
    }

    /// The key of this id.
    pub fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.signing.entries().map(|entry| &*entry.key).find(|key| key.kid() == kid)
    }

    /// The secret that new refresh tokens are made with at `now` (Unix seconds).
    pub fn active_secret(&self, now: i64) -> anyhow::Result<&RefreshSecret> {
        let active = self.secrets.active(now.max(self.read_at));
        active.map(|entry| &*entry.key).context("there is no refresh secret whose time has come")
    }

    /// The secret of this id.
    pub fn secret(&self, id: SecretId) -> Option<&RefreshSecret> {
        self.secrets.entries().map(|entry| &*entry.key).find(|secret| secret.id() == id)
    }

    /// What may be told of all keys and secrets, each kind oldest first.
    pub fn list(&self, now: i64) -> Vec<ListedKey> {
        let now = now.max(self.read_at);
        let mut listed = list(&self.signing, now);
        listed.extend(list(&self.secrets, now));
        listed
    }
}

fn list<T: Member>(succession: &Succession<T>, now: i64) -> Vec<ListedKey> {
    let tell = |entry| ListedKey::of(succession, entry, now);
    succession.entries().map(tell).collect()
}

#[cfg(test)]
#[path = "key_ring_tests.rs"]
mod tests;
