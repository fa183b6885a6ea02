use super::{
    super::{
        KeyState,
        keys::tests::{MONTH, NOW, Place, rotation, seconds},
    },
    *,
};

fn read(place: &Place) -> KeyRing {
    KeyRing::read(&place.folder(), &rotation(Some(MONTH)), NOW).unwrap()
}

/// Gives the last file of this kind the name of the first, but for the extension, as a rename does before it takes the
/// old name away.
fn link_last_to(place: &Place, kind: Kind, name: &str) {
    let last = place.folder().list(kind).unwrap().pop().unwrap().1;
    std::fs::hard_link(last, place.folder.path().join(name)).unwrap();
}

#[test]
fn while_a_file_has_two_names_the_earlier_one_counts() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    let next = keys.ring().list(NOW).remove(1);
    // Half of what a revocation does: the next is in use from now on.
    link_last_to(&place, Kind::SigningKey, "2027-01-15T07-59-59Z.pem");
    let first = place.folder().list(Kind::SigningKey).unwrap().remove(0).1;
    let ring = read(&place);
    let told: Vec<_> = ring.list(NOW).into_iter().filter(|key| key.kind == Kind::SigningKey).collect();
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0].id, told[0].activates_at), (&next.id, Some(NOW - 1)));
    // The name of the key that is revoked is gone, and the later name of the other one stands still.
    std::fs::remove_file(place.folder().list(Kind::SigningKey).unwrap().remove(1).1).unwrap();
    let ring = read(&place);
    assert_eq!(ring.active(NOW).unwrap().kid(), next.id);
    assert_eq!(ring.keys(NOW).count(), 1);
    keys.reread().unwrap();
    assert!(first.exists());
    assert_eq!(
        place.states(&keys, Kind::SigningKey),
        [(KeyState::Active, -1), (KeyState::Next, seconds(MONTH) - 1)]
    );
    assert_eq!(place.files(Kind::SigningKey), 2);
}

#[test]
fn what_is_told_of_keys_and_what_debug_prints_is_nothing_private() {
    let place = Place::new();
    let keys = place.open(None);
    let printed = format!("{:?} {:?}", keys, keys.ring().list(NOW));
    for kind in [Kind::SigningKey, Kind::RefreshSecret] {
        for (_, path) in place.folder().list(kind).unwrap() {
            let content = place.folder().read(&path).unwrap();
            let (numbers, hex) = (format!("{:?}", &content[..8]), format!("{:02x?}", &content[..8]));
            assert!(!printed.contains(numbers.trim_matches(['[', ']'])), "{printed}");
            assert!(!printed.contains(&hex.replace(['[', ']', ',', ' '], "")), "{printed}");
            for line in String::from_utf8_lossy(&content).lines().filter(|line| line.len() > 8) {
                assert!(!printed.contains(line), "{printed}");
            }
        }
    }
    assert!(keys.ring().list(NOW).iter().all(|key| printed.contains(&key.id)), "{printed}");
}

#[test]
fn a_file_that_others_may_read_is_noticed_though_it_was_read_before() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let keys = place.open(None);
    let path = place.folder().list(Kind::SigningKey).unwrap().remove(0).1;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = format!("{:#}", keys.reread().unwrap_err());
    assert!(refused.contains("chmod 600"), "{refused}");
}
