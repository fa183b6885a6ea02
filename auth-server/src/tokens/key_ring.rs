//! The keys in use: read from the folder, completed, reread on a timer.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context;
use shared_claims::Clock;
use zeroize::Zeroizing;

use super::{KeyFolder, Kind, RefreshSecret, SecretId, SigningKey, key_folder::FolderLock};

/// 9999-12-31T00-00-00Z: the name of a next key that waits for a hand to rename it.
const BY_HAND: i64 = 253_402_214_400;

/// How long a start waits for another instance that is making keys.
const START_PATIENCE: Duration = Duration::from_secs(10);

/// When keys change.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    /// How long a key signs; `None` = keys are changed by hand.
    pub every: Option<Duration>,
    /// How long a key is published before it signs.
    pub publish_ahead: Duration,
}

impl Rotation {
    /// How long others may keep the key set: a quarter of the time a key is published ahead, at most five minutes.
    pub fn jwks_max_age(&self) -> Duration {
        (self.publish_ahead / 4).clamp(Duration::from_secs(1), Duration::from_mins(5))
    }

    /// How often the folder is read again: so often that a key another instance has added is published well within
    /// the time that verifiers keep the set.
    fn reread_every(&self) -> Duration {
        self.jwks_max_age() / 2
    }

    fn next_activates_at(&self, now: i64) -> i64 {
        self.every.map_or(BY_HAND, |every| now.saturating_add_unsigned(every.as_secs()))
    }
}

/// What a key does at a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// Its time is ahead: published, not signing.
    Next,
    /// The newest whose time has come: it signs.
    Active,
    /// Older: published, not signing.
    Retired,
}

/// Every key and secret in the folder, oldest first.
#[derive(Debug, Default)]
pub struct KeyRing {
    /// When the folder was read, Unix seconds. A clock that is set back afterwards takes no key away.
    read_at: i64,
    signing: Vec<SigningKey>,
    secrets: Vec<RefreshSecret>,
}

impl KeyRing {
    /// Reads the folder at `now` (Unix seconds): every file anew, so that one that was replaced or opened to others is
    /// noticed.
    pub fn read(folder: &KeyFolder, now: i64) -> anyhow::Result<Self> {
        Ok(Self {
            read_at: now,
            signing: read(folder, Kind::SigningKey, SigningKey::from_pem)?,
            secrets: read(folder, Kind::RefreshSecret, RefreshSecret::from_bytes)?,
        })
    }

    /// The key that signs at `now` (Unix seconds).
    pub fn active(&self, now: i64) -> anyhow::Result<&SigningKey> {
        let now = now.max(self.read_at);
        let key = self.signing.iter().rev().find(|key| key.activates_at() <= now);
        key.context("there is no signing key whose time has come")
    }

    /// All keys with their state, oldest first.
    pub fn keys(&self, now: i64) -> impl Iterator<Item = (&SigningKey, KeyState)> {
        let active = self.active(now).map(SigningKey::activates_at).ok();
        self.signing.iter().map(move |key| {
            let state = match key.activates_at() {
                at if Some(at) == active => KeyState::Active,
                at if Some(at) > active => KeyState::Next,
                _ => KeyState::Retired,
            };
            (key, state)
        })
    }

    /// The key of this id.
    pub fn find(&self, kid: &str) -> Option<&SigningKey> {
        self.signing.iter().find(|key| key.kid() == kid)
    }

    /// The secret that new refresh tokens are made with at `now` (Unix seconds).
    pub fn active_secret(&self, now: i64) -> anyhow::Result<&RefreshSecret> {
        let now = now.max(self.read_at);
        let secret = self.secrets.iter().rev().find(|secret| secret.activates_at() <= now);
        secret.context("there is no refresh secret whose time has come")
    }

    /// The secret of this id.
    pub fn secret(&self, id: SecretId) -> Option<&RefreshSecret> {
        self.secrets.iter().find(|secret| secret.id() == id)
    }
}

/// The current [`KeyRing`] of a folder. Cheap to clone; all clones see the same ring.
#[derive(Debug, Clone)]
pub struct Keys {
    folder: KeyFolder,
    rotation: Rotation,
    clock: Clock,
    ring: Arc<RwLock<Arc<KeyRing>>>,
}

impl Keys {
    /// Reads the folder; makes what is missing if the folder is ours to write.
    pub fn open(folder: KeyFolder, rotation: Rotation, clock: Clock) -> anyhow::Result<Self> {
        let keys = Self { folder, rotation, clock, ring: Arc::default() };
        keys.reread_within(START_PATIENCE)?;
        let ring = keys.ring();
        let now = keys.clock.now_secs();
        ring.active(now).and_then(|_| ring.active_secret(now)).map_err(|missing| {
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

    /// Reads the folder again for as long as the server runs. A folder that cannot be read leaves the ring as it is.
    pub async fn reread_on_a_timer(self) {
        loop {
            tokio::time::sleep(self.rotation.reread_every()).await;
            let keys = self.clone();
            match actix_web::web::block(move || keys.reread()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => log::error!("keys stay as they are: {error:#}"),
                Err(_) => return,
            }
        }
    }

    /// Completes and reads the folder. While another process has the folder's lock, it is read as it is.
    pub fn reread(&self) -> anyhow::Result<()> {
        self.reread_within(Duration::ZERO)
    }

    fn reread_within(&self, patience: Duration) -> anyhow::Result<()> {
        let before = self.ring();
        let now = self.clock.now_secs().max(before.read_at);
        if self.folder.is_writable()
            && let Some(lock) = self.folder.lock(patience)?
        {
            self.complete(&lock, now, Kind::SigningKey, SigningKey::generate_pem)?;
            self.complete(&lock, now, Kind::RefreshSecret, RefreshSecret::generate)?;
        }
        let ring = KeyRing::read(&self.folder, now)?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    /// There is an active and a next one of each kind at all times, from the first start on.
    fn complete(
        &self,
        lock: &FolderLock,
        now: i64,
        kind: Kind,
        generate: fn() -> anyhow::Result<Zeroizing<Vec<u8>>>,
    ) -> anyhow::Result<()> {
        let files = self.folder.list(kind)?;
        if !files.iter().any(|(activates_at, _)| *activates_at <= now) {
            log::info!("making the first {kind:?}");
            self.folder.add(lock, kind, now, &generate()?)?;
        }
        if !files.iter().any(|(activates_at, _)| *activates_at > now) {
            log::info!("making the next {kind:?}");
            self.folder.add(lock, kind, self.rotation.next_activates_at(now), &generate()?)?;
        }
        Ok(())
    }
}

fn read<T>(
    folder: &KeyFolder,
    kind: Kind,
    parse: impl Fn(&[u8], i64) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let read_file = |(activates_at, path): (i64, PathBuf)| {
        let content = folder.read(&path)?;
        parse(&content, activates_at).with_context(|| path.display().to_string())
    };
    folder.list(kind)?.into_iter().map(read_file).collect()
}

#[cfg(test)]
#[path = "key_ring_tests.rs"]
mod tests;
