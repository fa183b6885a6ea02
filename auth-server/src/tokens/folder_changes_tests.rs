use std::path::PathBuf;

use super::{super::key_folder::tests::folder, *};

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

#[test]
fn a_renamed_file_has_its_new_name_alone_and_replaces_nothing() {
    let (_parent, folder) = folder();
    let lock = folder.lock(Duration::ZERO).unwrap().unwrap();
    folder.add(&lock, Kind::RefreshSecret, 100, b"hundred").unwrap();
    folder.add(&lock, Kind::RefreshSecret, 200, b"two hundred").unwrap();
    let later = folder.list(Kind::RefreshSecret).unwrap().remove(1).1;
    let refused = folder.rename(&lock, &later, Kind::RefreshSecret, 100).unwrap_err().to_string();
    assert!(refused.contains("cannot be renamed"), "{refused}");
    let contents = || {
        let listed = folder.list(Kind::RefreshSecret).unwrap();
        let read = |(at, path): &(i64, PathBuf)| (*at, folder.read(path).unwrap().to_vec());
        listed.iter().map(read).collect::<Vec<_>>()
    };
    assert_eq!(contents(), [(100, b"hundred".to_vec()), (200, b"two hundred".to_vec())]);
    folder.rename(&lock, &later, Kind::RefreshSecret, 150).unwrap();
    assert_eq!(contents(), [(100, b"hundred".to_vec()), (150, b"two hundred".to_vec())]);
}

#[test]
fn a_rename_that_a_crash_cut_short_is_finished_under_the_lock() {
    let (parent, folder) = folder();
    let lock = folder.lock(Duration::ZERO).unwrap().unwrap();
    folder.add(&lock, Kind::SigningKey, 1_800_000_000, b"renamed").unwrap();
    folder.add(&lock, Kind::SigningKey, 1_700_000_000, b"another").unwrap();
    drop(lock);
    let later = folder.list(Kind::SigningKey).unwrap().remove(1).1;
    std::fs::hard_link(&later, parent.path().join("keys/2026-11-20T12-00-00Z.pem")).unwrap();
    assert_eq!(folder.list(Kind::SigningKey).unwrap().len(), 3);
    folder.lock(Duration::ZERO).unwrap().unwrap();
    let times: Vec<i64> = folder.list(Kind::SigningKey).unwrap().into_iter().map(|(at, _)| at).collect();
    assert_eq!(times, [1_700_000_000, 1_795_176_000]);
}

#[test]
fn every_change_of_names_shows_in_the_stamp() {
    let (_parent, folder) = folder();
    let lock = folder.lock(Duration::ZERO).unwrap().unwrap();
    let mut stamp = folder.stamp().unwrap();
    let mut changed = |what: &str| {
        let now = folder.stamp().unwrap();
        assert_ne!(now, stamp, "{what}");
        stamp = now;
        // Longer than the steps in which file systems tell the time.
        thread::sleep(Duration::from_millis(20));
    };
    thread::sleep(Duration::from_millis(20));
    folder.add(&lock, Kind::SigningKey, 100, b"x").unwrap();
    changed("add");
    let path = folder.list(Kind::SigningKey).unwrap().remove(0).1;
    folder.rename(&lock, &path, Kind::SigningKey, 50).unwrap();
    changed("rename");
    folder.delete(&lock, &folder.list(Kind::SigningKey).unwrap()[0].1).unwrap();
    changed("delete");
}

#[test]
fn what_the_superuser_makes_belongs_to_the_owner_of_the_folder() {
    let (parent, folder) = folder();
    let owner =
        if rustix::process::geteuid().is_root() { 12_345 } else { folder.path.metadata().unwrap().uid() };
    std::os::unix::fs::chown(parent.path().join("keys"), Some(owner), None).unwrap();
    let lock = folder.lock(Duration::ZERO).unwrap().unwrap();
    folder.add(&lock, Kind::SigningKey, 0, b"x").unwrap();
    for entry in parent.path().join("keys").read_dir().unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().uid(), owner, "{entry:?}");
    }
}
