//! `auth-server clients …` and the files that secrets are in: what may not be a secret, what comes back to life, and who
//! may read a file when the secret in it has been replaced.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::Path,
    process::Command,
};

use auth_server::clients::Secret;

use crate::cli::Place;

const ROTATE: [&str; 3] = ["clients", "rotate-secret", "billing"];

impl Place {
    fn rotate(&self, options: &[&str]) -> String {
        let file = self.path("secret");
        self.ok(&[&ROTATE, options, &["--secret-file", &file]].concat(), "")
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn metadata(&self, name: &str) -> fs::Metadata {
        fs::symlink_metadata(self.path(name)).unwrap()
    }
}

#[test]
fn a_leaked_secret_in_a_file_ends_with_all_others_and_no_restart_revives_it() {
    let place = Place::new();
    place.ensure("secret", "id").unwrap();
    let first = place.file("secret");
    // Rotated once by `ensure`, so that two are live; then the newer one, which is in the file, leaks.
    place.put("secret", Secret::random().unwrap().expose());
    place.ensure("secret", "id").unwrap();
    let leaked = place.file("secret");
    place.put("of-another-instance", &leaked);
    let told = place.rotate(&["--end-others"]);
    assert!(told.contains("1 secret is live now"), "{told}");
    let new = place.file("secret");
    assert!(place.is_good("billing", &new) && place.live_secrets("billing") == 1);
    let before = place.events();
    for ended in [&first, &leaked] {
        place.put("of-another-instance", ended);
        let refusal = place.ensure("of-another-instance", "id").unwrap_err();
        assert!(refusal.contains("was ended") && refusal.contains("delete the file"), "{refusal}");
        assert!(!refusal.contains(ended.as_str()), "{refusal}");
    }
    assert_eq!(place.events(), before);
    assert!(place.ensure("secret", "id").unwrap().contains("nothing had to be changed"));
}

#[test]
fn a_removed_client_does_not_come_back_with_its_secret() {
    let place = Place::new();
    place.ensure("secret", "id").unwrap();
    place.ok(&["clients", "remove", "billing"], "");
    fs::remove_file(place.path("id")).unwrap();
    assert!(place.ensure("secret", "id").unwrap_err().contains("was ended"));
    assert_eq!(place.ok(&["clients", "list"], ""), "");
    fs::remove_file(place.path("secret")).unwrap();
    place.ensure("secret", "id").unwrap();
    assert!(place.is_good("billing", &place.file("secret")));
}

#[test]
fn whoever_could_read_a_file_reads_the_secret_that_replaces_it_but_not_everybody() {
    let place = Place::new();
    place.ensure("secret", "id").unwrap();
    let (before, is_root) = (place.metadata("secret"), place.metadata("secret").uid() == 0);
    let (uid, gid) = if is_root { (1000, 1001) } else { (before.uid(), before.gid()) };
    chown(place.path("secret"), Some(uid), Some(gid)).unwrap();
    for (mode, after) in [(0o640, 0o640), (0o600, 0o600), (0o664, 0o640), (0o440, 0o440)] {
        place.set_mode("secret", mode);
        let old = place.file("secret");
        place.rotate(&["--end-others"]);
        assert_ne!(place.file("secret"), old);
        let now = place.metadata("secret");
        assert_eq!((now.uid(), now.gid(), now.mode() & 0o7777), (uid, gid, after), "{mode:o}");
    }
}

#[test]
fn what_cannot_be_replaced_is_refused_before_the_secret_is_made() {
    let place = Place::new();
    place.ok(&["clients", "add", "billing"], "");
    fs::create_dir(place.path("folder")).unwrap();
    place.put("real", "x");
    symlink(place.path("real"), place.path("link")).unwrap();
    symlink(place.path("nowhere"), place.path("dangling")).unwrap();
    let before = place.events();
    let real = place.path("real");
    for (file, told) in
        [("folder", "not a regular file"), ("link", real.as_str()), ("dangling", "leads to nothing")]
    {
        let path = place.path(file);
        let refusal = place.refused(&[&ROTATE[..], &["--secret-file", &path]].concat(), "");
        assert!(refusal.contains(told), "{file}: {refusal}");
    }
    assert_eq!((place.events(), place.live_secrets("billing")), (before, 1));
    assert_eq!((place.file("real"), place.files().len()), ("x".into(), 4));
}

#[test]
fn what_is_no_file_of_its_owner_alone_is_no_secret() {
    let place = Place::new();
    let made = Command::new("mkfifo").arg(place.path("pipe")).status().unwrap();
    assert!(made.success());
    symlink(place.path("nowhere"), place.path("dangling")).unwrap();
    for (name, mode) in [("of-a-group", 0o620), ("of-everybody", 0o602)] {
        place.put(name, Secret::random().unwrap().expose());
        place.set_mode(name, mode);
    }
    for (file, told) in [
        ("pipe", "not a regular file"),
        ("dangling", "leads to nothing"),
        ("of-a-group", "chmod go-w"),
        ("of-everybody", "chmod go-w"),
    ] {
        let refusal = place.ensure(file, "id").unwrap_err();
        assert!(refusal.contains(told), "{file}: {refusal}");
    }
    assert_eq!(place.ok(&["clients", "list"], ""), "");
    assert!(!Path::new(&place.path("nowhere")).exists());
}

#[test]
fn a_file_that_is_reached_by_a_link_is_read() {
    let place = Place::new();
    let secret = Secret::random().unwrap();
    place.put("real", secret.expose());
    symlink(place.path("real"), place.path("secret")).unwrap();
    place.ensure("secret", "id").unwrap();
    assert!(place.is_good("billing", secret.expose()) && place.metadata("secret").is_symlink());
}

#[test]
fn of_rotations_into_one_file_at_once_the_secret_that_lives_is_in_the_file() {
    let place = Place::new();
    place.ensure("secret", "id").unwrap();
    for _ in 0..4 {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| place.rotate(&["--end-others"]));
            }
        });
        assert!(place.is_good("billing", &place.file("secret")) && place.live_secrets("billing") == 1);
    }
    assert_eq!(place.files().len(), 2, "{:?}", place.files());
}
