//! Files with the secret or the id of a client: whole or not there at all, and readable by those alone who could read
//! them before, which is their owner at first.

mod folder;
mod read;

pub(super) use folder::folder_of;
pub(super) use read::read;

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;

use self::folder::LockedFolder;

/// What is carried over from a file that is replaced. Whoever may write it could plant a secret, so that is its owner.
const CARRIED_OVER: u32 = 0o640;

/// A file that has been written and synced under a temporary name beside its own, with the folder locked. Dropped, it is
/// gone.
#[derive(Debug)]
pub(super) struct Prepared {
    temporary: PathBuf,
    path: PathBuf,
    folder: LockedFolder,
}

impl Prepared {
    /// Writes `content` for a name at which there may be a file by now: the one that came first is to be right.
    pub(super) fn new(path: &Path, content: &str) -> anyhow::Result<Self> {
        Self::write(LockedFolder::of(path)?, path, content, None)
    }

    /// The same for a name at which there must be nothing yet.
    pub(super) fn to_be_new(path: &Path, content: &str) -> anyhow::Result<Self> {
        let folder = LockedFolder::of(path)?;
        anyhow::ensure!(
            path.symlink_metadata().is_err(),
            "{} exists already and is left as it is; `auth-server clients ensure` makes the secret in a file good",
            path.display()
        );
        Self::write(folder, path, content, None)
    }

    /// The same for a file that is to be replaced, if it is there: the owner, the group and who may read it stay.
    pub(super) fn in_place_of(path: &Path, content: &str) -> anyhow::Result<Self> {
        let folder = LockedFolder::of(path)?;
        let old = match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            found => Some(found.with_context(|| path.display().to_string())?),
        };
        if old.as_ref().is_some_and(fs::Metadata::is_symlink) {
            let advice = match path.canonicalize() {
                Ok(target) => format!("name the file that it leads to, {}", target.display()),
                Err(_) => "and leads to nothing; remove it".to_owned(),
            };
            anyhow::bail!("{} is a symbolic link: {advice}", path.display());
        }
        anyhow::ensure!(
            old.as_ref().is_none_or(fs::Metadata::is_file),
            "{} is not a regular file and cannot be replaced; name another",
            path.display()
        );
        Self::write(folder, path, content, old.as_ref())
    }

    fn write(
        folder: LockedFolder,
        path: &Path,
        content: &str,
        old: Option<&fs::Metadata>,
    ) -> anyhow::Result<Self> {
        let prepared = Self { temporary: folder.temporary(path)?, path: path.to_owned(), folder };
        let cannot = || format!("{} cannot be written", path.display());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&prepared.temporary).with_context(cannot)?;
        match old {
            None => give_to_owner_of(&prepared.folder, &file).with_context(cannot)?,
            Some(old) => carry_over(old, &file).with_context(|| {
                let (uid, gid) = (old.uid(), old.gid());
                format!("{} belongs to {uid}:{gid}; run this as that user or as root", path.display())
            })?,
        }
        file.write_all(content.as_bytes()).and_then(|()| file.sync_all()).with_context(cannot)?;
        Ok(prepared)
    }

    /// Gives it its name, unless there is a file of that name already: false then. A link never replaces what is there.
    pub(super) fn publish(self) -> anyhow::Result<bool> {
        match fs::hard_link(&self.temporary, &self.path) {
            Ok(()) => self.settle().map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error).with_context(|| format!("{} cannot be made", self.path.display())),
        }
    }

    /// The same for what is in force by now, and lost if nobody keeps it: what does not get its name is kept under
    /// another, which the error tells.
    pub(super) fn publish_or_keep(self) -> anyhow::Result<()> {
        match fs::hard_link(&self.temporary, &self.path) {
            Ok(()) => self.settle(),
            Err(error) => Err(self.keep(&error)),
        }
    }

    /// Gives it its name, in place of the file that has it; or keeps it, as [`Prepared::publish_or_keep`] does.
    pub(super) fn replace_or_keep(self) -> anyhow::Result<()> {
        match fs::rename(&self.temporary, &self.path) {
            Ok(()) => self.settle(),
            Err(error) => Err(self.keep(&error)),
        }
    }

    /// It has its name for good.
    fn settle(&self) -> anyhow::Result<()> {
        fs::remove_file(&self.temporary).ok();
        self.folder.remove_leftovers(&self.path);
        self.folder.sync()
    }

    /// What has a name of this kind is not taken for a leftover.
    fn keep(mut self, error: &io::Error) -> anyhow::Error {
        let mut kept = self.temporary.clone().into_os_string();
        kept.push(".kept");
        let temporary = std::mem::take(&mut self.temporary);
        let kept = if fs::rename(&temporary, &kept).is_ok() { kept.into() } else { temporary };
        self.folder.sync().ok();
        anyhow::anyhow!(
            "the new secret is good but could not be given the name {}: {error}. It is in {}: move it there yourself",
            self.path.display(),
            kept.display()
        )
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // What has been kept has no temporary name any more.
        fs::remove_file(&self.temporary).ok();
    }
}

/// Removes what processes that died while they wrote this file have left beside it. While somebody else writes there,
/// that is left to him.
pub(super) fn remove_leftovers(path: &Path) {
    if let Ok(folder) = LockedFolder::within(path, Duration::ZERO) {
        folder.remove_leftovers(path);
    }
}

/// What the superuser makes belongs to whom the folder belongs to: a service that runs as somebody else could not read
/// it.
fn give_to_owner_of(folder: &LockedFolder, file: &File) -> io::Result<()> {
    if rustix::process::geteuid().is_root() {
        let folder = folder.metadata()?;
        fchown(file, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

/// The owner before the mode, or the wrong group could read it for a moment.
fn carry_over(old: &fs::Metadata, file: &File) -> io::Result<()> {
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(Permissions::from_mode(old.mode() & CARRIED_OVER))
}

#[cfg(test)]
mod tests;
