use super::*;
use crate::store::{sessions::Session, users::User};

const GRACE: i64 = 30_000;
const NOW: i64 = 1_800_000_000_000;

fn reading(generation: i64, advanced_at: Option<i64>) -> SessionReading {
    let user = User {
        id: "u".into(),
        username: "alice".into(),
        username_key: "alice".into(),
        email: None,
        password_hash: String::new(),
        is_active: true,
        version: 1,
        created_at: 0,
    };
    let session = Session {
        id: "s".into(),
        user_id: "u".into(),
        nonce: vec![0; 16],
        generation,
        advanced_at,
        audience: "a".into(),
        created_at: NOW / 1000,
        last_used_at: NOW / 1000,
        expires_at: NOW / 1000 + 1000,
        ended_at: None,
        user_agent: None,
        ip: None,
        status_list: 1,
        status_idx: 0,
    };
    SessionReading { session, user, roles: vec![] }
}

#[test]
fn the_first_refresh_after_login_always_advances() {
    assert_eq!(step(&reading(0, None), 0, GRACE, NOW), Step::Advance);
}

#[test]
fn within_the_grace_the_newest_link_and_its_predecessor_are_repeated() {
    let just_advanced = reading(5, Some(NOW));
    for elapsed in [0, 1, GRACE - 1] {
        assert_eq!(step(&just_advanced, 5, GRACE, NOW + elapsed), Step::Repeat);
        assert_eq!(step(&just_advanced, 4, GRACE, NOW + elapsed), Step::Repeat);
        assert_eq!(step(&just_advanced, 3, GRACE, NOW + elapsed), Step::Replay);
    }
}

#[test]
fn after_the_grace_the_newest_link_advances_and_its_predecessor_is_a_replay() {
    let advanced = reading(5, Some(NOW));
    assert_eq!(step(&advanced, 5, GRACE, NOW + GRACE), Step::Advance);
    assert_eq!(step(&advanced, 4, GRACE, NOW + GRACE), Step::Replay);
    assert_eq!(step(&advanced, 0, GRACE, NOW + GRACE), Step::Replay);
}

#[test]
fn a_clock_that_was_set_back_counts_as_no_time_passed() {
    assert_eq!(step(&reading(5, Some(NOW)), 4, GRACE, NOW - 3_600_000), Step::Repeat);
}

#[test]
fn without_a_grace_every_link_works_once() {
    assert_eq!(step(&reading(5, Some(NOW)), 5, 0, NOW), Step::Advance);
    assert_eq!(step(&reading(5, Some(NOW)), 4, 0, NOW), Step::Replay);
}

#[test]
fn a_link_ahead_of_its_row_is_caught_up_with() {
    assert_eq!(step(&reading(5, Some(NOW)), 9, GRACE, NOW + GRACE * 2), Step::CatchUp);
}

#[test]
fn sessions_end_at_the_cap_when_idle_when_ended_and_with_their_user() {
    let rules = SessionRules { ttl: 1000, idle_ttl: 100, refresh_grace_ms: GRACE };
    let start = NOW / 1000;
    let mut alive = reading(0, None);
    assert!(rules.is_alive(&alive, start + 99) && !rules.is_alive(&alive, start + 100));
    alive.session.last_used_at = start + 950;
    assert!(rules.is_alive(&alive, start + 999) && !rules.is_alive(&alive, start + 1000));
    let mut inactive = reading(0, None);
    inactive.user.is_active = false;
    assert!(!rules.is_alive(&inactive, start));
    let mut ended = reading(0, None);
    ended.session.ended_at = Some(start);
    assert!(!rules.is_alive(&ended, start));
}
