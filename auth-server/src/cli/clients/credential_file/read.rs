//! Reading a file with the secret or the id of a client.

use std::{
    fs::{Metadata, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use anyhow::Context;
use rustix::fs::OFlags;
use zeroize::Zeroizing;

/// What we write is shorter by far.
const MAX_CONTENT: u64 = 4096;
const EVERYBODY_MAY_READ: u32 = 0o004;
const OTHERS_MAY_WRITE: u32 = 0o022;

/// What a file holds, without blanks around it; `None` when there is no such file. Whoever reads a secret that everybody
/// may read is warned; one that others than the owner may write is refused, since they could have planted it.
pub(in super::super) fn read(path: &Path, is_secret: bool) -> anyhow::Result<Option<Zeroizing<String>>> {
    let mut options = OpenOptions::new();
    // A pipe that nobody writes to would never open.
    let flags = i32::try_from(OFlags::NONBLOCK.bits())?;
    let file = match options.read(true).custom_flags(flags).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return absent(path).map(|()| None),
        opened => opened.with_context(|| path.display().to_string())?,
    };
    let metadata = file.metadata().with_context(|| path.display().to_string())?;
    anyhow::ensure!(metadata.is_file(), "{} is not a regular file; name another", path.display());
    if is_secret {
        is_for_its_owner(path, &metadata)?;
    }
    let mut content = Zeroizing::new(String::new());
    file.take(MAX_CONTENT)
        .read_to_string(&mut content)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(Some(Zeroizing::new(content.trim().to_owned())))
}

/// A link to nothing is there, and no file can be made in its place.
fn absent(path: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        !path.is_symlink(),
        "{} is a symbolic link that leads to nothing; remove it, or make the file that it leads to",
        path.display()
    );
    Ok(())
}

fn is_for_its_owner(path: &Path, metadata: &Metadata) -> anyhow::Result<()> {
    anyhow::ensure!(
        metadata.mode() & OTHERS_MAY_WRITE == 0,
        "others than its owner may write {0}, and could have planted the secret; if it is yours, run `chmod go-w {0}`",
        path.display()
    );
    if metadata.mode() & EVERYBODY_MAY_READ != 0 {
        eprintln!("warning: every user of this machine may read {0}; run `chmod o-rwx {0}`", path.display());
    }
    Ok(())
}
