use std::{fs::Permissions, os::unix::fs::PermissionsExt, time::Duration};

use super::*;

pub(in crate::tokens) fn folder() -> (tempfile::TempDir, KeyFolder) {
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
fn where_nobody_may_write_the_folders_mode_does_not_matter() {
    use rustix::io::Errno;
    assert!(others_may_write(0o41777, Ok(())) && others_may_write(0o40770, Err(Errno::ACCESS)));
    assert!(!others_may_write(0o41777, Err(Errno::ROFS)) && !others_may_write(0o40755, Ok(())));
}
