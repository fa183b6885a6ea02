use super::{
    super::{KeyState, Kind},
    *,
};

pub(in crate::tokens) const NOW: i64 = 1_800_000_000;
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
pub(in crate::tokens) const MONTH: Duration = Duration::from_hours(30 * 24);

/// A folder and a clock, and servers that use them.
pub(in crate::tokens) struct Place {
    pub(in crate::tokens) folder: tempfile::TempDir,
    pub(in crate::tokens) clock: Clock,
}

impl Place {
    pub(in crate::tokens) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: Clock::fixed_at(NOW * 1000) }
    }

    pub(in crate::tokens) fn folder(&self) -> KeyFolder {
        KeyFolder::open(self.folder.path()).unwrap()
    }

    pub(in crate::tokens) fn open(&self, every: Option<Duration>) -> Keys {
        Keys::open(self.folder(), rotation(every), self.clock.clone()).unwrap()
    }

    /// What the ring has of a kind: the state, and when it comes into use, in seconds after [`NOW`].
    pub(in crate::tokens) fn states(&self, keys: &Keys, kind: Kind) -> Vec<(KeyState, i64)> {
        let listed = keys.ring().list(self.clock.now_secs());
        let of_kind = listed.into_iter().filter(|key| key.kind == kind);
        of_kind.map(|key| (key.state, key.activates_at.map_or(i64::MAX, |at| at - NOW))).collect()
    }

    fn signing(&self, keys: &Keys) -> Vec<(KeyState, i64)> {
        self.states(keys, Kind::SigningKey)
    }

    fn secrets(&self, keys: &Keys) -> Vec<(KeyState, i64)> {
        self.states(keys, Kind::RefreshSecret)
    }

    /// How many files of this kind there are.
    pub(in crate::tokens) fn files(&self, kind: Kind) -> usize {
        self.folder().list(kind).unwrap().len()
    }
}

pub(in crate::tokens) fn rotation(every: Option<Duration>) -> Rotation {
    Rotation { every, publish_ahead: HOUR, tokens_outlive: 10 * MINUTE, links_outlive: 7 * DAY }
}

pub(in crate::tokens) fn seconds(duration: Duration) -> i64 {
    duration.as_secs().cast_signed()
}

#[test]
fn the_first_start_makes_an_active_and_a_next_of_each_kind() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    let expected = [(KeyState::Active, 0), (KeyState::Next, seconds(MONTH))];
    assert_eq!(place.signing(&keys), expected);
    assert_eq!(place.secrets(&keys), expected);
    let ring = keys.ring();
    assert_ne!(ring.active(NOW).unwrap().kid(), ring.keys(NOW).nth(1).unwrap().0.kid());
    assert!(ring.secret(ring.active_secret(NOW).unwrap().id()).is_some());
}

#[test]
fn a_restart_finds_the_same_keys() {
    let place = Place::new();
    let (first, second) = (place.open(Some(MONTH)), place.open(Some(MONTH)));
    assert_eq!(first.ring().list(NOW), second.ring().list(NOW));
}

#[test]
fn the_next_key_signs_when_its_time_has_come_and_another_next_is_made() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    let next_kid = keys.ring().keys(NOW).nth(1).unwrap().0.kid().to_owned();
    place.clock.advance(MONTH);
    assert_eq!(keys.ring().active(place.clock.now_secs()).unwrap().kid(), next_kid);
    keys.reread().unwrap();
    let month = seconds(MONTH);
    let expected = [(KeyState::Retired, 0), (KeyState::Active, month), (KeyState::Next, 2 * month)];
    assert_eq!(place.signing(&keys), expected);
    assert_eq!(place.secrets(&keys), expected);
}

#[test]
fn after_a_long_pause_a_new_key_is_published_before_it_signs_all_the_same() {
    let place = Place::new();
    place.open(Some(MONTH));
    place.clock.advance(3 * MONTH);
    let keys = place.open(Some(MONTH));
    let (month, soonest) = (seconds(MONTH), seconds(3 * MONTH + HOUR));
    assert_eq!(place.signing(&keys), [(KeyState::Active, month), (KeyState::Next, soonest)]);
}

#[test]
fn a_faster_schedule_brings_the_next_key_forward_and_a_slower_one_does_not_put_it_off() {
    let place = Place::new();
    let kids = |keys: &Keys| keys.ring().keys(NOW).map(|(key, _)| key.kid().to_owned()).collect::<Vec<_>>();
    let before = kids(&place.open(Some(MONTH)));
    let daily = place.open(Some(DAY));
    assert_eq!(place.signing(&daily), [(KeyState::Active, 0), (KeyState::Next, seconds(DAY))]);
    assert_eq!(place.secrets(&daily), [(KeyState::Active, 0), (KeyState::Next, seconds(DAY))]);
    assert_eq!(kids(&daily), before);
    let monthly = place.open(Some(MONTH));
    assert_eq!(place.signing(&monthly), [(KeyState::Active, 0), (KeyState::Next, seconds(DAY))]);
}

#[test]
fn a_key_that_is_overdue_by_a_faster_schedule_is_given_the_time_to_be_seen() {
    let place = Place::new();
    place.open(Some(MONTH));
    place.clock.advance(10 * DAY);
    let keys = place.open(Some(DAY));
    assert_eq!(place.signing(&keys), [(KeyState::Active, 0), (KeyState::Next, seconds(10 * DAY + HOUR))]);
}

#[test]
fn with_rotation_off_the_next_key_waits_for_a_hand_until_there_is_a_schedule_again() {
    let place = Place::new();
    let keys = place.open(None);
    place.clock.advance(MONTH * 1200);
    keys.reread().unwrap();
    assert_eq!(place.signing(&keys), [(KeyState::Active, 0), (KeyState::Next, i64::MAX)]);
    assert_eq!(place.secrets(&keys), [(KeyState::Active, 0), (KeyState::Next, i64::MAX)]);
    let keys = place.open(Some(MONTH));
    let soonest = seconds(MONTH * 1200 + HOUR);
    assert_eq!(place.signing(&keys), [(KeyState::Active, 0), (KeyState::Next, soonest)]);
}

#[test]
fn a_retired_key_is_deleted_in_the_second_in_which_what_it_signed_has_expired() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    let kid = keys.ring().active(NOW).unwrap().kid().to_owned();
    let secret = keys.ring().active_secret(NOW).unwrap().id();
    for (outlive, key_is_kept, secret_is_kept) in [
        (seconds(10 * MINUTE) - 1, true, true),
        (seconds(10 * MINUTE), false, true),
        (seconds(7 * DAY) - 1, false, true),
        (seconds(7 * DAY), false, false),
    ] {
        place.clock.set((NOW + seconds(MONTH) + outlive) * 1000);
        keys.reread().unwrap();
        let ring = keys.ring();
        assert_eq!(ring.find(&kid).is_some(), key_is_kept, "{outlive}");
        assert_eq!(ring.secret(secret).is_some(), secret_is_kept, "{outlive}");
        assert_eq!(place.files(Kind::SigningKey), 2 + usize::from(key_is_kept));
        assert_eq!(place.files(Kind::RefreshSecret), 2 + usize::from(secret_is_kept));
    }
}

#[test]
fn neither_the_active_nor_the_next_is_deleted_however_old_it_is() {
    let place = Place::new();
    let at_once =
        Rotation { tokens_outlive: Duration::ZERO, links_outlive: Duration::ZERO, ..rotation(None) };
    let keys = Keys::open(place.folder(), at_once, place.clock.clone()).unwrap();
    let before = keys.ring().list(NOW);
    place.clock.advance(MONTH * 12);
    keys.reread().unwrap();
    assert_eq!(keys.ring().list(place.clock.now_secs()), before);
    assert_eq!(place.files(Kind::SigningKey), 2);
}

#[test]
fn a_folder_that_we_may_only_read_is_read_and_left_as_it_is() {
    let place = Place::new();
    let missing = Keys::open(place.folder().read_only(), rotation(None), place.clock.clone()).unwrap_err();
    assert!(missing.to_string().contains("read-only"), "{missing}");
    let kid = place.open(Some(MONTH)).ring().active(NOW).unwrap().kid().to_owned();
    let outside = Keys::open(place.folder().read_only(), rotation(Some(DAY)), place.clock.clone()).unwrap();
    place.clock.advance(MONTH);
    outside.reread().unwrap();
    let month = seconds(MONTH);
    assert_eq!(place.signing(&outside), [(KeyState::Retired, 0), (KeyState::Active, month)]);
    place.clock.advance(10 * MINUTE);
    outside.reread().unwrap();
    assert_eq!(place.signing(&outside), [(KeyState::Active, month)]);
    assert!(outside.ring().find(&kid).is_none());
    assert_eq!(place.files(Kind::SigningKey), 2);
}

#[test]
fn what_others_have_changed_counts_even_where_nothing_can_be_written() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    // What cannot be cleared away stands in the way of every change.
    std::fs::create_dir(place.folder.path().join(".new-4711")).unwrap();
    let next = place.folder().list(Kind::SigningKey).unwrap().remove(1).1;
    std::fs::remove_file(next).unwrap();
    assert!(keys.reread().is_err());
    assert_eq!(place.signing(&keys), [(KeyState::Active, 0)]);
}

#[test]
fn a_key_that_cannot_be_read_stops_the_start_and_is_not_shown() {
    let place = Place::new();
    let bad = place.folder.path().join("2026-11-20T12-00-00Z.pem");
    std::fs::write(&bad, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n").unwrap();
    std::fs::set_permissions(&bad, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let opened = Keys::open(place.folder(), rotation(Some(MONTH)), place.clock.clone());
    let error = format!("{:#}", opened.unwrap_err());
    assert!(error.contains("2026-11-20T12-00-00Z.pem") && !error.contains("c2Vj"), "{error}");
}

#[test]
fn a_clock_that_is_set_back_takes_no_key_away() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    let before = keys.ring().list(NOW);
    let earlier = NOW - 3600;
    place.clock.set(earlier * 1000);
    keys.reread().unwrap();
    assert_eq!(keys.ring().list(earlier), before);
    assert!(keys.ring().active(earlier).is_ok() && keys.ring().active_secret(earlier).is_ok());
}

#[test]
fn where_no_key_has_come_into_use_the_next_does_because_others_know_it() {
    let place = Place::new();
    let kid = place.open(Some(MONTH)).ring().active(NOW).unwrap().kid().to_owned();
    // An instance whose clock is behind.
    place.clock.set((NOW - 60) * 1000);
    let keys = place.open(Some(MONTH));
    assert_eq!(keys.ring().active(NOW - 60).unwrap().kid(), kid);
    assert_eq!(place.files(Kind::SigningKey), 2);
}

#[test]
fn many_instances_that_change_one_folder_at_once_leave_it_whole() {
    const ACTORS: usize = 16;
    let place = Place::new();
    let soon = Duration::from_secs(2);
    let rotation =
        Rotation { every: Some(MONTH), publish_ahead: soon, tokens_outlive: soon, links_outlive: soon };
    let open = || Keys::open(place.folder(), rotation, place.clock.clone()).unwrap();
    std::thread::scope(|scope| {
        for actor in 0..ACTORS {
            let (open, place) = (&open, &place);
            scope.spawn(move || {
                let keys = open();
                for round in 0..6 {
                    match (actor + round) % 4 {
                        0 => drop(keys.rotate().unwrap()),
                        1 => keys.reread().unwrap(),
                        2 => place.clock.advance(Duration::from_millis(600)),
                        _ => {
                            let now = place.clock.now_secs();
                            let seen = KeyRing::read(&place.folder(), &rotation, now).unwrap();
                            assert!(seen.active(now).is_ok() && seen.active_secret(now).is_ok());
                        }
                    }
                }
            });
        }
    });
    let keys = open();
    for states in [place.signing(&keys), place.secrets(&keys)] {
        let count = |wanted| states.iter().filter(|(state, _)| *state == wanted).count();
        assert_eq!((count(KeyState::Active), count(KeyState::Next)), (1, 1), "{states:?}");
    }
    let files = place.files(Kind::SigningKey);
    assert_eq!(files, place.signing(&keys).len());
    let all = place.folder.path().read_dir().unwrap().count();
    assert_eq!(all, files + place.files(Kind::RefreshSecret) + 1, "the lock, and nothing half made");
}

fn write_junk(place: &Place) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let junk = place.folder.path().join("2020-01-01T00-00-00Z.pem");
    std::fs::write(&junk, "not a key").unwrap();
    std::fs::set_permissions(&junk, std::fs::Permissions::from_mode(0o600)).unwrap();
    junk
}

#[test]
fn a_file_at_fault_keeps_no_deleted_key_in_use() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    let leaked = keys.ring().active(NOW).unwrap().kid().to_owned();
    write_junk(&place);
    std::fs::remove_file(&place.folder().list(Kind::SigningKey).unwrap()[1].1).unwrap();
    let told = keys.reread().unwrap_err().to_string();
    assert!(told.contains("2020-01-01T00-00-00Z.pem"), "{told}");
    assert!(keys.ring().find(&leaked).is_none());
    assert_ne!(keys.ring().active(NOW).unwrap().kid(), leaked);
    let by_hand = Keys::open_with_faults(place.folder(), rotation(Some(MONTH)), place.clock.clone()).unwrap();
    let active = by_hand.ring().active(NOW).unwrap().kid().to_owned();
    by_hand.revoke(&active).unwrap();
    keys.reread().unwrap_err();
    assert!(keys.ring().find(&active).is_none());
}

#[test]
fn a_file_at_fault_stops_the_start_before_anything_is_changed() {
    let place = Place::new();
    place.open(Some(MONTH));
    let junk = write_junk(&place);
    let active = place.folder().list(Kind::SigningKey).unwrap()[1].1.clone();
    std::fs::write(&active, "no key any more").unwrap();
    let before = place.folder().list(Kind::SigningKey).unwrap();
    let opened = Keys::open(place.folder(), rotation(Some(MONTH)), place.clock.clone());
    assert!(format!("{:#}", opened.unwrap_err()).contains(&junk.display().to_string()));
    assert_eq!(place.folder().list(Kind::SigningKey).unwrap(), before);
}

#[test]
fn a_key_whose_file_comes_to_be_at_fault_stays_in_use() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    let (before, active) = (place.signing(&keys), keys.ring().active(NOW).unwrap().kid().to_owned());
    let file = place.folder().list(Kind::SigningKey).unwrap()[0].1.clone();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(keys.reread().unwrap_err().to_string().contains("chmod 600"));
    assert_eq!((place.signing(&keys), keys.ring().active(NOW).unwrap().kid()), (before, active.as_str()));
}
