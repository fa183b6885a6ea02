//! The folder of keys: `<activates-at>.<kind>`, where the name is the state.
//!
//! Several instances may share the folder. Changes are made under an OS file lock, which ends with the process; a file
//! appears under its name whole or not at all, and never replaces another.

use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use rustix::fs::{Access, access};
use zeroize::Zeroizing;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An RSA private key, PKCS#8 PEM.
    SigningKey,
    /// A secret of the refresh chain.
    RefreshSecret,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Self::SigningKey => "pem",
            Self::RefreshSecret => "secret",
        }
    }
}

const NAME_FORMAT: &str = "%Y-%m-%dT%H-%M-%SZ";
const LOCK_NAME: &str = ".lock";
const LOCK_POLL: Duration = Duration::from_millis(20);
const TEMPORARY: &str = ".new-";
const OTHERS_MAY_WRITE: u32 = 0o022;
const OTHERS_MAY_ANYTHING: u32 = 0o077;
const GROUP_MAY_READ: u32 = 0o040;

/// The folder cannot be used. The text names the fix.
#[derive(Debug, thiserror::Error)]
#[error("key folder {}: {reason}", path.display())]
pub struct FolderError {
    path: PathBuf,
    reason: String,
}

/// An existing folder of keys whose permissions are right.
#[derive(Debug, Clone)]
pub struct KeyFolder {
    path: PathBuf,
    writable: bool,
}

/// Held while the folder is changed.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl KeyFolder {
    /// Opens the folder, and makes it (mode 0700) when it is missing.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let refuse = |reason: String| FolderError { path: path.to_owned(), reason };
        if !path.exists() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.map_err(|error| refuse(format!("cannot be made: {error}")))?;
        }
        let metadata = path.metadata().map_err(|error| refuse(error.to_string()))?;
        if !metadata.is_dir() {
            return Err(refuse("is not a folder".into()));
        }
        if belongs_to_another(&metadata) {
            return Err(refuse(format!(
                "belongs to another user (uid {}); run `chown` on it",
                metadata.uid()
            )));
        }
        if metadata.mode() & OTHERS_MAY_WRITE != 0 {
            return Err(refuse(format!(
                "others may write to it; choose a folder for keys alone, or run `chmod go-w {}`",
                path.display()
            )));
        }
        Ok(Self { path: path.to_owned(), writable: access(path, Access::WRITE_OK).is_ok() })
    }

    /// Whether keys are managed here. A folder that is read-only to us is managed from outside.
    pub fn is_writable(&self) -> bool {
        self.writable
    }

    /// A complaint about this folder.
    pub fn complain(&self, reason: impl Into<String>) -> FolderError {
        FolderError { path: self.path.clone(), reason: reason.into() }
    }

    /// The files of one kind, by the time they become active (Unix seconds), oldest first. Other names are ignored.
    pub fn list(&self, kind: Kind) -> Result<Vec<(i64, PathBuf)>, FolderError> {
        let entries = self.path.read_dir().map_err(|error| self.complain(error.to_string()))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| self.complain(error.to_string()))?.path();
            if path.extension().is_some_and(|extension| extension == kind.extension())
                && let Some(activates_at) = path.file_stem().and_then(|stem| parse_name(stem.to_str()?))
            {
                files.push((activates_at, path));
            }
        }
        files.sort();
        Ok(files)
    }

    /// Reads a file, if its mode lets nobody else read it.
    pub fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, FolderError> {
        let refuse = |reason: String| FolderError { path: path.to_owned(), reason };
        // What is checked is what is read, whatever happens to the name meanwhile.
        let mut file = File::open(path).map_err(|error| refuse(error.to_string()))?;
        let metadata = file.metadata().map_err(|error| refuse(error.to_string()))?;
        if belongs_to_another(&metadata) {
            return Err(refuse(format!(
                "belongs to another user (uid {}); run `chown` on it",
                metadata.uid()
            )));
        }
        // Kubernetes mounts secrets read-only and readable by the pod's group.
        let managed_outside = access(path, Access::WRITE_OK).is_err();
        let allowed = if managed_outside { GROUP_MAY_READ } else { 0 };
        if metadata.mode() & OTHERS_MAY_ANYTHING & !allowed != 0 {
            return Err(refuse(format!("others may read it; run `chmod 600 {}`", path.display())));
        }
        let mut content = Zeroizing::new(Vec::new());
        file.read_to_end(&mut content).map_err(|error| refuse(error.to_string()))?;
        Ok(content)
    }

    /// Takes the lock under which the folder is changed, if it can be had within `patience`.
    pub fn lock(&self, patience: Duration) -> Result<Option<FolderLock>, FolderError> {
        let path = self.path.join(LOCK_NAME);
        let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = opened.map_err(|error| self.complain(format!("cannot be locked: {error}")))?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(LOCK_POLL),
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => {
                    return Err(self.complain(format!("cannot be locked: {error}")));
                }
            }
        }
        let lock = FolderLock { _file: file };
        self.remove_leftovers(&lock)?;
        Ok(Some(lock))
    }

    /// A process that died while it wrote a key has left it under its temporary name.
    fn remove_leftovers(&self, _: &FolderLock) -> Result<(), FolderError> {
        let complain = |error: io::Error| self.complain(error.to_string());
        for entry in self.path.read_dir().map_err(complain)? {
            let entry = entry.map_err(complain)?;
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
                std::fs::remove_file(entry.path()).map_err(complain)?;
            }
        }
        Ok(())
    }

    /// Adds a file that becomes active at `activates_at`. The lock is proof that nobody else changes the folder.
    pub fn add(
        &self,
        _: &FolderLock,
        kind: Kind,
        activates_at: i64,
        content: &[u8],
    ) -> Result<(), FolderError> {
        let name = format!("{}.{}", format_name(activates_at), kind.extension());
        self.write_whole(&self.path.join(&name), content)
            .map_err(|error| self.complain(format!("{name} cannot be written: {error}")))
    }

    /// Written and synced under a temporary name, then linked: a link never replaces what is there.
    fn write_whole(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let temporary = self.path.join(format!("{TEMPORARY}{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&temporary, path);
        std::fs::remove_file(&temporary)?;
        linked?;
        File::open(&self.path)?.sync_all()
    }
}

/// Whoever owns a file may write to it. The superuser may do so anyway, and reads whosever keys he is given.
fn belongs_to_another(metadata: &Metadata) -> bool {
    let us = rustix::process::geteuid().as_raw();
    us != 0 && metadata.uid() != us && metadata.uid() != 0
}

fn parse_name(stem: &str) -> Option<i64> {
    let parsed = strtime::parse(NAME_FORMAT, stem).ok()?;
    let time = parsed.to_datetime().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    // One time has one name, or two files would be one key.
    (format_name(time) == stem).then_some(time)
}

fn format_name(activates_at: i64) -> String {
    let time = Timestamp::from_second(activates_at).unwrap_or(Timestamp::MAX);
    time.strftime(NAME_FORMAT).to_string()
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};

    use super::*;

    fn folder() -> (tempfile::TempDir, KeyFolder) {
        let parent = tempfile::tempdir().unwrap();
        let folder = KeyFolder::open(&parent.path().join("keys")).unwrap();
        (parent, folder)
    }

    #[test]
    fn names_are_times_in_utc_and_other_names_are_ignored() {
        let (parent, folder) = folder();
        let lock = folder.lock(Duration::ZERO).unwrap().unwrap();
        folder.add(&lock, Kind::SigningKey, 1_795_176_000, b"x").unwrap();
        std::fs::write(parent.path().join("keys/README.md"), "x").unwrap();
        for other in ["old.pem", "2026-1-2T3-4-5Z.pem", "+002026-11-20T12-00-00Z.pem"] {
            std::fs::write(parent.path().join("keys").join(other), "x").unwrap();
        }
        let listed = folder.list(Kind::SigningKey).unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].0, 1_795_176_000);
        assert!(listed[0].1.ends_with("2026-11-20T12-00-00Z.pem"), "{listed:?}");
        assert!(folder.list(Kind::RefreshSecret).unwrap().is_empty());
    }

    #[test]
    fn a_file_never_replaces_another() {
        let (_parent, folder) = folder();
        let lock = folder.lock(Duration::ZERO).unwrap().unwrap();
        folder.add(&lock, Kind::RefreshSecret, 0, b"first").unwrap();
        assert!(folder.add(&lock, Kind::RefreshSecret, 0, b"second").is_err());
        let listed = folder.list(Kind::RefreshSecret).unwrap();
        assert_eq!(folder.read(&listed[0].1).unwrap().as_slice(), b"first");
    }

    #[test]
    fn loose_permissions_are_refused_with_the_fix() {
        let (parent, folder) = folder();
        let lock = folder.lock(Duration::ZERO).unwrap().unwrap();
        folder.add(&lock, Kind::SigningKey, 0, b"x").unwrap();
        let file = folder.list(Kind::SigningKey).unwrap().remove(0).1;
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        assert!(folder.read(&file).unwrap_err().to_string().contains("chmod 600"));
        let path = parent.path().join("keys");
        std::fs::set_permissions(&path, Permissions::from_mode(0o770)).unwrap();
        assert!(KeyFolder::open(&path).unwrap_err().to_string().contains("chmod go-w"));
    }

    #[test]
    fn a_lock_that_is_held_is_not_waited_for_longer_than_said() {
        let (_parent, folder) = folder();
        let held = folder.lock(Duration::ZERO).unwrap();
        assert!(held.is_some());
        assert!(folder.lock(Duration::from_millis(50)).unwrap().is_none());
        drop(held);
        assert!(folder.lock(Duration::ZERO).unwrap().is_some());
    }

    #[test]
    fn what_a_process_left_that_died_while_writing_is_removed() {
        let (parent, folder) = folder();
        let leftover = parent.path().join("keys/.new-4711");
        std::fs::write(&leftover, "half a key").unwrap();
        folder.lock(Duration::ZERO).unwrap().unwrap();
        assert!(!leftover.exists());
    }
}
