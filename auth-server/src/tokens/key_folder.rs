//! The folder of keys: `<activates-at>.<kind>`, where the name is the state.

use std::{
    fmt,
    fs::{DirBuilder, File, Metadata},
    io::Read,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
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
    pub(super) const ALL: [Self; 2] = [Self::SigningKey, Self::RefreshSecret];

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::SigningKey => "pem",
            Self::RefreshSecret => "secret",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SigningKey => "signing key",
            Self::RefreshSecret => "refresh secret",
        })
    }
}

const NAME_FORMAT: &str = "%Y-%m-%dT%H-%M-%SZ";
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
    pub(super) path: PathBuf,
    writable: bool,
}

/// When the names in the folder last changed, by the folder's own file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(pub(super) [i64; 4]);

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
        let may_write = access(path, Access::WRITE_OK);
        if others_may_write(metadata.mode(), may_write) {
            return Err(refuse(format!(
                "others may write to it; choose a folder for keys alone, or run `chmod go-w {}`",
                path.display()
            )));
        }
        Ok(Self { path: path.to_owned(), writable: may_write.is_ok() })
    }

    /// The same folder, as whoever may only read it sees it. A test may run as the superuser, who may write everywhere.
    #[cfg(test)]
    pub(super) fn read_only(self) -> Self {
        Self { writable: false, ..self }
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

    /// When the names in the folder last changed.
    pub(super) fn stamp(&self) -> Result<Stamp, FolderError> {
        let metadata = self.path.metadata().map_err(|error| self.complain(error.to_string()))?;
        let stamp = [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()];
        Ok(Stamp(stamp))
    }
}

/// Whoever owns a file may write to it. The superuser may do so anyway, and reads whosever keys he is given.
fn belongs_to_another(metadata: &Metadata) -> bool {
    let us = rustix::process::geteuid().as_raw();
    us != 0 && metadata.uid() != us && metadata.uid() != 0
}

/// On a read-only mount nobody may write, whatever the mode says: Kubernetes mounts secrets so, with mode 1777.
fn others_may_write(mode: u32, may_write: rustix::io::Result<()>) -> bool {
    mode & OTHERS_MAY_WRITE != 0 && may_write != Err(rustix::io::Errno::ROFS)
}

fn parse_name(stem: &str) -> Option<i64> {
    let parsed = strtime::parse(NAME_FORMAT, stem).ok()?;
    let time = parsed.to_datetime().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    // One time has one name, or two files would be one key.
    (format_name(time) == stem).then_some(time)
}

pub(super) fn format_name(activates_at: i64) -> String {
    let time = Timestamp::from_second(activates_at).unwrap_or(Timestamp::MAX);
    time.strftime(NAME_FORMAT).to_string()
}

#[cfg(test)]
#[path = "key_folder_tests.rs"]
pub(super) mod tests;
