//! The folder that a credential is in: one process at a time changes it.

use std::{
    fs::{self, File, Metadata, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;

/// Longer than any of our transactions lasts: whoever holds the lock may wait for the database.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
const RANDOM_DIGITS: usize = 16;

/// A folder, under an OS lock that ends with the process. Of two that write the same file at once, the second begins when
/// the first has done all that belongs to it.
#[derive(Debug)]
pub(super) struct LockedFolder {
    path: PathBuf,
    file: File,
    is_locked: bool,
}

impl LockedFolder {
    /// Locks the folder of this file.
    pub(super) fn of(path: &Path) -> anyhow::Result<Self> {
        Self::within(path, PATIENCE)
    }

    /// The same, if it can be had in time.
    pub(super) fn within(path: &Path, patience: Duration) -> anyhow::Result<Self> {
        let path = folder_of(path)?;
        let file = File::open(&path).with_context(|| path.display().to_string())?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { path, file, is_locked: true }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => {
                    anyhow::bail!(
                        "another process is writing in {}; try again when it is done",
                        path.display()
                    )
                }
                // Some network file systems lock no folders. Nothing comes to harm there but the order of two at once.
                Err(TryLockError::Error(_)) => return Ok(Self { path, file, is_locked: false }),
            }
        }
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    pub(super) fn sync(&self) -> anyhow::Result<()> {
        self.file.sync_all().with_context(|| self.path.display().to_string())
    }

    /// A name beside the file that no other process uses: those in containers may share a number, so it is random.
    pub(super) fn temporary(&self, path: &Path) -> anyhow::Result<PathBuf> {
        Ok(self.path.join(format!("{}{:016x}", beginning(path)?, getrandom::u64()?)))
    }

    /// Removes what processes that died have left under such names: a secret must not lie about where nobody looks for
    /// it. What cannot be removed harms nobody who could not read it before.
    pub(super) fn remove_leftovers(&self, path: &Path) {
        let (Ok(beginning), Ok(entries), true) = (beginning(path), self.path.read_dir(), self.is_locked)
        else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_ours = |rest: &str| {
                rest.len() == RANDOM_DIGITS && rest.bytes().all(|digit| digit.is_ascii_hexdigit())
            };
            if name.strip_prefix(&beginning).is_some_and(is_ours) {
                fs::remove_file(entry.path()).ok();
            }
        }
    }
}

fn beginning(path: &Path) -> anyhow::Result<String> {
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    Ok(format!(".{}.", name.to_string_lossy()))
}

/// The folder that a file is in, or is to be in: it must be there.
pub(in super::super) fn folder_of(path: &Path) -> anyhow::Result<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    anyhow::ensure!(
        folder.is_dir(),
        "there is no folder {} for {}; make it first",
        folder.display(),
        path.display()
    );
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_who_lock_a_folder_the_second_waits_and_then_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = LockedFolder::of(&path).unwrap();
        let refused = LockedFolder::within(&path, Duration::from_millis(50)).unwrap_err().to_string();
        assert!(refused.contains("try again"), "{refused}");
        drop(first);
        LockedFolder::within(&path, Duration::ZERO).unwrap();
    }

    #[test]
    fn leftovers_are_told_from_what_belongs_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let locked = LockedFolder::of(&path).unwrap();
        let left = locked.temporary(&path).unwrap();
        let of_another = locked.temporary(&folder.path().join("id")).unwrap();
        let others = [".secret.bak", ".secret.0123456789abcdeg", ".secret.0123456789abcdef0", "secret"];
        let others = others.map(|name| folder.path().join(name));
        for file in [&left, &of_another].into_iter().chain(&others) {
            fs::write(file, "x").unwrap();
        }
        locked.remove_leftovers(&path);
        assert!(!left.exists() && of_another.exists() && others.iter().all(|file| file.exists()));
    }
}
