use std::time::Duration;

use super::{
    super::keys::tests::{MONTH, NOW, Place, rotation, seconds},
    *,
};

const HOUR: Duration = Duration::from_hours(1);

fn ids(keys: &Keys, kind: Kind) -> Vec<String> {
    keys.ring().list(NOW).into_iter().filter(|key| key.kind == kind).map(|key| key.id).collect()
}

#[test]
fn a_rotation_by_hand_gives_others_the_time_to_see_the_key_and_no_more() {
    for every in [Some(MONTH), None] {
        let place = Place::new();
        let keys = place.open(every);
        let (signing, secrets) = (ids(&keys, Kind::SigningKey), ids(&keys, Kind::RefreshSecret));
        let successors = keys.rotate().unwrap();
        let expected = |kind, id: &String| Successor {
            kind,
            id: id.clone(),
            activates_at: NOW + seconds(HOUR),
            was_later: true,
        };
        assert_eq!(
            successors,
            [expected(Kind::SigningKey, &signing[1]), expected(Kind::RefreshSecret, &secrets[1])]
        );
        for kind in [Kind::SigningKey, Kind::RefreshSecret] {
            assert_eq!(place.states(&keys, kind), [(KeyState::Active, 0), (KeyState::Next, seconds(HOUR))]);
        }
    }
}

#[test]
fn a_rotation_by_hand_never_puts_a_rotation_off() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    keys.rotate().unwrap();
    place.clock.advance(HOUR / 2);
    let again = keys.rotate().unwrap();
    assert!(
        again.iter().all(|next| !next.was_later && next.activates_at == NOW + seconds(HOUR)),
        "{again:?}"
    );
    assert_eq!(place.states(&keys, Kind::SigningKey)[1], (KeyState::Next, seconds(HOUR)));
}

#[test]
fn the_next_takes_over_from_an_active_key_that_is_revoked_and_another_next_is_made() {
    for kind in [Kind::SigningKey, Kind::RefreshSecret] {
        let place = Place::new();
        let (keys, beside) = (place.open(Some(MONTH)), place.open(Some(MONTH)));
        place.clock.advance(HOUR);
        let before = ids(&keys, kind);
        let revoked = keys.revoke(&before[0]).unwrap();
        assert_eq!((revoked.kind, &revoked.id, revoked.state), (kind, &before[0], KeyState::Active));
        let successor = revoked.successor.unwrap();
        assert_eq!((&successor.id, successor.activates_at), (&before[1], NOW + seconds(HOUR)));
        let states = [(KeyState::Active, seconds(HOUR)), (KeyState::Next, seconds(HOUR + MONTH))];
        beside.reread().unwrap();
        for keys in [&keys, &beside] {
            assert_eq!(place.states(keys, kind), states);
            assert_eq!(ids(keys, kind)[0], before[1]);
        }
        assert_eq!(place.files(kind), 2);
    }
}

#[test]
fn a_next_or_retired_key_that_is_revoked_leaves_the_active_one_as_it_is() {
    let place = Place::new();
    let keys = place.open(Some(MONTH));
    place.clock.advance(MONTH);
    keys.reread().unwrap();
    let before = ids(&keys, Kind::SigningKey);
    for (id, state) in [(&before[0], KeyState::Retired), (&before[2], KeyState::Next)] {
        let revoked = keys.revoke(id).unwrap();
        assert_eq!((revoked.state, revoked.successor), (state, None));
    }
    let after = ids(&keys, Kind::SigningKey);
    assert!(after.len() == 2 && after[0] == before[1] && after[1] != before[2], "{after:?}");
    let month = seconds(MONTH);
    assert_eq!(
        place.states(&keys, Kind::SigningKey),
        [(KeyState::Active, month), (KeyState::Next, 2 * month)]
    );
}

#[test]
fn an_id_that_is_unknown_changes_nothing_and_the_known_ones_are_told() {
    let place = Place::new();
    let keys = place.open(None);
    let before = keys.ring().list(NOW);
    let refused = keys.revoke("nonsense").unwrap_err().to_string();
    assert!(
        refused.contains("no key nonsense") && before.iter().all(|key| refused.contains(&key.id)),
        "{refused}"
    );
    assert_eq!(keys.ring().list(NOW), before);
}

#[test]
fn every_copy_of_a_revoked_key_goes() {
    let place = Place::new();
    let keys = place.open(None);
    let kid = ids(&keys, Kind::SigningKey).remove(0);
    let file = place.folder().list(Kind::SigningKey).unwrap().remove(0).1;
    std::fs::copy(file, place.folder.path().join("2028-01-01T00-00-00Z.pem")).unwrap();
    keys.revoke(&kid).unwrap();
    assert!(keys.ring().find(&kid).is_none());
    assert!(!place.folder.path().join("2028-01-01T00-00-00Z.pem").exists());
}

#[test]
fn keys_that_are_managed_from_outside_are_not_changed() {
    let place = Place::new();
    let kid = ids(&place.open(None), Kind::SigningKey).remove(0);
    let outside = Keys::open(place.folder().read_only(), rotation(None), place.clock.clone()).unwrap();
    let before = outside.ring().list(NOW);
    for refused in [outside.rotate().unwrap_err(), outside.revoke(&kid).unwrap_err()] {
        assert!(refused.to_string().contains("managed from outside"), "{refused}");
    }
    outside.reread().unwrap();
    assert_eq!(outside.ring().list(NOW), before);
}
