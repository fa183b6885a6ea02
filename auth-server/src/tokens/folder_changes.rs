//! Changes of the key folder.
//!
//! Several instances may share the folder. Changes are made under an OS file lock, which ends with the process; a file
//! appears under its name whole or not at all, and never replaces another.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, fchown},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{FolderError, KeyFolder, Kind, key_folder::format_name};

const LOCK_NAME: &str = ".lock";
const LOCK_POLL: Duration = Duration::from_millis(20);
const TEMPORARY: &str = ".new-";

/// Held while the folder is changed.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl KeyFolder {
    /// Takes the lock under which the folder is changed, if it can be had within `patience`.
    pub(super) fn lock(&self, patience: Duration) -> Result<Option<FolderLock>, FolderError> {
        let path = self.path.join(LOCK_NAME);
        let opened = self.create(OpenOptions::new().create(true).truncate(false), &path);
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
        self.finish_renames(&lock)?;
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
    pub(super) fn add(
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
        let mut file = self.create(OpenOptions::new().create_new(true), &temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&temporary, path);
        std::fs::remove_file(&temporary)?;
        linked?;
        self.sync()
    }

    /// What the superuser makes belongs to whom the folder belongs to: a server that runs as somebody else could not
    /// read it.
    fn create(&self, options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        let file = options.write(true).mode(0o600).open(path)?;
        if rustix::process::geteuid().is_root() {
            let folder = self.path.metadata()?;
            fchown(&file, Some(folder.uid()), Some(folder.gid()))?;
        }
        Ok(file)
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// Gives a file the name of an earlier time. A link never replaces what is there, and at each moment the file has a
    /// name; between the two steps it has both.
    pub(super) fn rename(
        &self,
        _: &FolderLock,
        path: &Path,
        kind: Kind,
        activates_at: i64,
    ) -> Result<(), FolderError> {
        let name = format!("{}.{}", format_name(activates_at), kind.extension());
        std::fs::hard_link(path, self.path.join(&name))
            .and_then(|()| std::fs::remove_file(path))
            .and_then(|()| self.sync())
            .map_err(|error| {
                self.complain(format!("{} cannot be renamed to {name}: {error}", path.display()))
            })
    }

    /// A process that died while it renamed a file has left it with both names: the earlier one is the new one.
    fn finish_renames(&self, lock: &FolderLock) -> Result<(), FolderError> {
        for kind in Kind::ALL {
            let mut seen = HashSet::new();
            for (_, path) in self.list(kind)? {
                let metadata = path.symlink_metadata().map_err(|error| self.complain(error.to_string()))?;
                if !seen.insert((metadata.dev(), metadata.ino())) {
                    self.delete(lock, &path)?;
                }
            }
        }
        Ok(())
    }

    /// Deletes a file.
    pub(super) fn delete(&self, _: &FolderLock, path: &Path) -> Result<(), FolderError> {
        std::fs::remove_file(path)
            .and_then(|()| self.sync())
            .map_err(|error| self.complain(format!("{} cannot be deleted: {error}", path.display())))
    }
}

#[cfg(test)]
#[path = "folder_changes_tests.rs"]
mod tests;
