use super::*;

const NOW: i64 = 1_800_000_000;
const MONTH: Duration = Duration::from_hours(30 * 24);

fn rotation(every: Option<Duration>) -> Rotation {
    Rotation { every, publish_ahead: Duration::from_hours(1) }
}

fn open(path: &std::path::Path, clock: &Clock) -> Keys {
    Keys::open(KeyFolder::open(path).unwrap(), rotation(Some(MONTH)), clock.clone()).unwrap()
}

fn states(keys: &Keys, now: i64) -> Vec<KeyState> {
    keys.ring().keys(now).map(|(_, state)| state).collect()
}

#[test]
fn the_first_start_makes_an_active_and_a_next_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys = open(folder.path(), &Clock::fixed_at(NOW * 1000));
    assert_eq!(states(&keys, NOW), [KeyState::Active, KeyState::Next]);
    let ring = keys.ring();
    let next = ring.keys(NOW).nth(1).unwrap().0;
    assert_eq!(next.activates_at(), NOW + MONTH.as_secs().cast_signed());
    assert_ne!(ring.active(NOW).unwrap().kid(), next.kid());
    assert!(ring.secret(ring.active_secret(NOW).unwrap().id()).is_some());
}

#[test]
fn a_restart_finds_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed_at(NOW * 1000);
    let first = open(folder.path(), &clock);
    let second = open(folder.path(), &clock);
    let kids = |keys: &Keys| keys.ring().keys(NOW).map(|(key, _)| key.kid().to_owned()).collect::<Vec<_>>();
    assert_eq!(kids(&first), kids(&second));
    assert_eq!(first.ring().active_secret(NOW).unwrap().id(), second.ring().active_secret(NOW).unwrap().id());
}

#[test]
fn the_next_key_signs_when_its_time_has_come_and_another_next_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed_at(NOW * 1000);
    let keys = open(folder.path(), &clock);
    let next_kid = keys.ring().keys(NOW).nth(1).unwrap().0.kid().to_owned();
    clock.advance(MONTH);
    keys.reread().unwrap();
    let later = clock.now_secs();
    assert_eq!(keys.ring().active(later).unwrap().kid(), next_kid);
    assert_eq!(states(&keys, later), [KeyState::Retired, KeyState::Active, KeyState::Next]);
}

#[test]
fn with_rotation_off_the_next_key_waits_for_a_hand() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed_at(NOW * 1000);
    let keys = Keys::open(KeyFolder::open(folder.path()).unwrap(), rotation(None), clock.clone()).unwrap();
    clock.advance(MONTH * 1200);
    keys.reread().unwrap();
    assert_eq!(states(&keys, clock.now_secs()), [KeyState::Active, KeyState::Next]);
}

#[test]
fn a_key_that_cannot_be_read_stops_the_start_and_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("2026-11-20T12-00-00Z.pem");
    std::fs::write(&bad, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n").unwrap();
    std::fs::set_permissions(&bad, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let opened = Keys::open(
        KeyFolder::open(folder.path()).unwrap(),
        rotation(Some(MONTH)),
        Clock::fixed_at(NOW * 1000),
    );
    let error = format!("{:#}", opened.unwrap_err());
    assert!(error.contains("2026-11-20T12-00-00Z.pem") && !error.contains("c2Vj"), "{error}");
}

#[test]
fn others_may_keep_the_key_set_for_a_quarter_of_the_time_a_key_is_ahead() {
    let ahead = |publish_ahead| Rotation { every: None, publish_ahead }.jwks_max_age();
    assert_eq!(ahead(Duration::from_hours(1)), Duration::from_mins(5));
    assert_eq!(ahead(Duration::from_secs(40)), Duration::from_secs(10));
    assert_eq!(ahead(Duration::from_secs(2)), Duration::from_secs(1));
}

#[test]
fn a_clock_that_is_set_back_takes_no_key_away() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::fixed_at(NOW * 1000);
    let keys = open(folder.path(), &clock);
    let kid = keys.ring().active(NOW).unwrap().kid().to_owned();
    let earlier = NOW - 3600;
    clock.set(earlier * 1000);
    keys.reread().unwrap();
    assert_eq!(keys.ring().active(earlier).unwrap().kid(), kid);
    assert!(keys.ring().active_secret(earlier).is_ok());
    assert_eq!(states(&keys, earlier), [KeyState::Active, KeyState::Next]);
}
