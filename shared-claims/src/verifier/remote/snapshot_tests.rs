use super::*;
use crate::{KeySetError, VerificationKey};

const SECOND: Duration = Duration::from_secs(1);

fn fetched(kid: &str, max_age: u64) -> Fetched {
    let key = VerificationKey::from_numbers(Some(kid), &[0xff; 256], &[1, 0, 1]).unwrap();
    Fetched { keys: [key].into_iter().collect(), max_age: Duration::from_secs(max_age) }
}

fn failure() -> FetchError {
    KeySetError::NoUsableKey.into()
}

#[test]
fn a_set_is_due_at_80_percent_of_its_age() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    assert_eq!(snapshot.due_at(start), start, "the first is due at once");
    snapshot.record(Ok(fetched("a", 100)), None, start);
    assert_eq!(snapshot.due_at(start + SECOND) - start, 80 * SECOND);
    assert_eq!(snapshot.state(start + 100 * SECOND), KeyState::Fresh);
    assert_eq!(snapshot.state(start + 101 * SECOND), KeyState::Stale { age: 101 * SECOND });
}

#[test]
fn a_sets_age_counts_from_the_beginning_of_its_fetch() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.begin(start);
    snapshot.record(Ok(fetched("a", 100)), None, start + 4 * SECOND);
    assert_eq!(snapshot.due_at(start + 4 * SECOND) - start, 80 * SECOND);
    assert_eq!(snapshot.state(start + 101 * SECOND), KeyState::Stale { age: 101 * SECOND });
}

#[test]
fn a_set_has_stalled_a_second_after_its_age_or_after_a_fetch_should_have_ended() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    let stalls_at = |snapshot: &Snapshot, at: Instant| {
        assert!(!snapshot.is_stalled(at - Duration::from_millis(1)));
        assert!(snapshot.is_stalled(at));
    };
    snapshot.begin(start);
    snapshot.record(Ok(fetched("a", 100)), None, start);
    stalls_at(&snapshot, start + 101 * SECOND);
    snapshot.begin(start + 80 * SECOND);
    stalls_at(&snapshot, start + 86 * SECOND);
    snapshot.record(Err(failure()), None, start + 85 * SECOND);
    stalls_at(&snapshot, start + 101 * SECOND);
    snapshot.begin(start + 110 * SECOND);
    snapshot.record(Ok(fetched("a", 1)), None, start + 114 * SECOND);
    stalls_at(&snapshot, start + 115 * SECOND);
}

#[test]
fn failures_back_off_to_thirty_seconds_and_success_ends_that() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    for expected in [1, 2, 4, 8, 16, 30, 30, 30] {
        snapshot.record(Err(failure()), None, start);
        assert_eq!(snapshot.due_at(start) - start, expected * SECOND);
    }
    snapshot.failures = u32::MAX;
    snapshot.record(Err(failure()), None, start);
    assert_eq!(snapshot.due_at(start) - start, 30 * SECOND);
    snapshot.record(Ok(fetched("a", 300)), None, start);
    assert_eq!(snapshot.due_at(start) - start, 240 * SECOND);
}

#[test]
fn asking_in_vain_starts_the_cooldown_and_asking_with_success_does_not() {
    for (max_age, cooldown) in [(300, 30), (30, 30), (10, 10), (1, 1)] {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        snapshot.record(Ok(fetched("a", max_age)), Some("a"), start);
        assert!(!snapshot.is_quiet(start));
        snapshot.record(Ok(fetched("a", max_age)), Some("unknown"), start);
        assert!(snapshot.is_quiet(start + cooldown * SECOND - Duration::from_millis(1)));
        assert!(!snapshot.is_quiet(start + cooldown * SECOND));
        assert_eq!(snapshot.refusal(start), TokenError::UnknownKey.into());
    }
}

#[test]
fn a_fetch_that_nobody_asked_for_neither_starts_nor_ends_a_cooldown() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Ok(fetched("a", 300)), None, start);
    assert!(!snapshot.is_quiet(start));
    snapshot.record(Ok(fetched("a", 300)), Some("unknown"), start);
    snapshot.record(Ok(fetched("a", 300)), None, start + 10 * SECOND);
    assert!(snapshot.is_quiet(start + 29 * SECOND));
    assert!(!snapshot.is_quiet(start + 30 * SECOND));
}

#[test]
fn a_failure_counts_for_the_cooldown_and_leaves_the_set() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Ok(fetched("a", 300)), None, start);
    snapshot.record(Err(failure()), None, start);
    assert!(snapshot.keys_with("a", start).is_some());
    assert!(snapshot.is_quiet(start + 29 * SECOND));
    let retry_after = 20 * SECOND;
    assert_eq!(snapshot.refusal(start + 10 * SECOND), VerifyError::Unavailable { retry_after });
}

#[test]
fn recovery_from_a_failure_ends_its_cooldown() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Ok(fetched("a", 300)), None, start);
    snapshot.record(Err(failure()), None, start);
    assert!(snapshot.is_quiet(start + SECOND));
    snapshot.record(Ok(fetched("a", 300)), None, start + SECOND);
    assert!(!snapshot.is_quiet(start + SECOND), "a key that appears now is asked for at once");
}

#[test]
fn without_a_set_the_cooldown_is_a_second() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Err(failure()), Some("a"), start);
    assert!(snapshot.is_quiet(start + Duration::from_millis(999)));
    assert!(!snapshot.is_quiet(start + SECOND));
    // A caller that hears of the failure late is still told of a failure.
    assert_eq!(snapshot.refusal(start + 5 * SECOND), VerifyError::Unavailable { retry_after: SECOND });
}

#[test]
fn a_set_serves_for_a_day_and_then_counts_as_none() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Ok(fetched("a", 300)), None, start);
    snapshot.record(Err(failure()), None, start + 86_399 * SECOND);
    assert!(snapshot.keys_with("a", start + 86_399 * SECOND).is_some());
    assert!(snapshot.keys_with("a", start + 86_400 * SECOND).is_none());
    let last_error = Some(KeySetError::NoUsableKey.to_string());
    assert_eq!(snapshot.state(start + 86_400 * SECOND), KeyState::Missing { last_error });
    snapshot.record(Err(failure()), Some("a"), start + 86_400 * SECOND);
    assert!(!snapshot.is_quiet(start + 86_430 * SECOND), "and it may recover at once");
}
