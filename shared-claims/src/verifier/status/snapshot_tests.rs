use super::*;

const SECOND: Duration = Duration::from_secs(1);
const IAT: i64 = 1_000_000;

/// A list that was read from the network `age_ms` after its `iat`.
fn fetched(iat: i64, ttl: u64, age_ms: i64) -> Fetched {
    let list = VerifiedList { list: StatusList::with_invalid(8, []), iat, exp: iat + 600, ttl };
    Fetched { list, began_at_ms: iat.saturating_mul(1000).saturating_add(age_ms), fresh_for: None }
}

fn failure() -> Result<Fetched, FetchError> {
    Err(FetchError::TimedOut)
}

/// When the next fetch is due after that one, in milliseconds from its beginning.
fn due_ms(fetched: Fetched) -> u128 {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    assert_eq!(snapshot.record(Ok(fetched), start, start + 3 * SECOND), Change::Replaced);
    (snapshot.due_at().unwrap() - start).as_millis()
}

#[test]
fn a_list_is_due_when_its_ttl_or_that_since_iat_is_over_but_not_before_a_second() {
    for (ttl, age_ms, expected) in [
        (5, 0, 5_000),
        (5, 1_234, 3_766),
        (5, 3_999, 1_001),
        (5, 4_001, 1_000),
        (5, 3_600_000, 1_000),
        (5, -4_000, 5_000),
        (0, 0, 1_000),
        (1, 0, 1_000),
        (1, 900, 1_000),
        (u64::MAX, 0, 86_400_000),
    ] {
        assert_eq!(due_ms(fetched(IAT, ttl, age_ms)), expected, "ttl {ttl}, age {age_ms}");
    }
    assert_eq!(due_ms(fetched(i64::MAX / 2, 5, 0)), 5_000, "absurd dates do not wrap round");
}

#[test]
fn a_list_is_due_no_later_than_caches_keep_it() {
    for (max_age, expected) in [(3, 3_000), (0, 1_000), (20, 5_000)] {
        let fetched = Fetched { fresh_for: Some(max_age * SECOND), ..fetched(IAT, 5, 0) };
        assert_eq!(due_ms(fetched), expected, "{max_age}");
    }
}

#[test]
fn a_failure_leaves_the_list_and_backs_off_to_the_ttl() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Ok(fetched(IAT, 5, 0)), start, start);
    for expected in [1, 2, 4, 5, 5] {
        let end = start + 3 * SECOND;
        assert_eq!(snapshot.record(failure(), start, end), Change::Failed);
        assert_eq!(snapshot.due_at().unwrap() - end, expected * SECOND);
        assert!(snapshot.held().is_some());
    }
    snapshot.failures = u32::MAX;
    snapshot.record(failure(), start, start);
    assert_eq!(snapshot.due_at().unwrap() - start, 5 * SECOND);
    snapshot.record(Ok(fetched(IAT, 0, 0)), start, start);
    for _ in 0..3 {
        snapshot.record(failure(), start, start);
        assert_eq!(snapshot.due_at().unwrap() - start, SECOND, "at least a second");
    }
}

#[test]
fn without_a_list_a_failure_is_remembered_for_a_second_and_nothing_is_due() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(failure(), start, start + 5 * SECOND);
    assert_eq!(snapshot.due_at(), None);
    assert!(snapshot.is_quiet(start + Duration::from_millis(5_999)));
    assert!(!snapshot.is_quiet(start + 6 * SECOND));
    let refusal = VerifyError::Unavailable { retry_after: SECOND };
    assert_eq!(snapshot.refusal(start + 5 * SECOND), refusal);
    assert_eq!(snapshot.refusal(start + 50 * SECOND), refusal, "for who hears of it late, too");
    snapshot.record(Ok(fetched(IAT, 5, 0)), start, start + 5 * SECOND);
    assert!(!snapshot.is_quiet(start + 5 * SECOND));
}

#[test]
fn an_older_list_replaces_nothing_and_is_asked_for_again_in_a_second() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Ok(fetched(IAT, 5, 0)), start, start);
    assert_eq!(snapshot.record(Ok(fetched(IAT - 1, 5, 1000)), start, start), Change::Lagging);
    assert_eq!(snapshot.held().unwrap().1, IAT + 600);
    assert_eq!(snapshot.due_at().unwrap() - start, SECOND);
    assert!(snapshot.is_quiet(start), "if ours has expired, it does not help either");
    assert_eq!(snapshot.record(Ok(fetched(IAT, 5, 0)), start, start), Change::Replaced, "the same again");
    assert_eq!(snapshot.record(Ok(fetched(IAT + 1, 5, 0)), start, start), Change::Replaced);
    assert_eq!(snapshot.held().unwrap().1, IAT + 601);
}

/// What is at hand, and what it does with lists made at those times, in seconds from `IAT`; our clock is at `IAT`.
#[test]
fn a_list_is_older_if_it_was_made_before_ours_and_before_ours_was_fetched() {
    for (held, next, expected) in [
        (-10, -11, Change::Lagging),
        (-10, -10, Change::Replaced),
        (0, -1, Change::Lagging),
        (600, 0, Change::Replaced),
        (600, 599, Change::Replaced),
        (600, -1, Change::Lagging),
    ] {
        let (mut snapshot, start) = (Snapshot::default(), Instant::now());
        let at = |offset: i64| Ok(fetched(IAT + offset, 5, -offset * 1000));
        assert_eq!(snapshot.record(at(held), start, start), Change::Replaced);
        assert_eq!(snapshot.record(at(next), start, start), expected, "{held} {next}");
    }
}

#[test]
fn a_clock_that_was_set_back_locks_no_list_out() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    snapshot.record(Ok(fetched(IAT, 5, 0)), start, start);
    let hour = 3600;
    let replayed = fetched(IAT - hour - 100, 5, 100_000);
    assert_eq!(snapshot.record(Ok(replayed), start, start), Change::Lagging);
    assert_eq!(snapshot.record(Ok(fetched(IAT - hour, 5, 0)), start, start), Change::Replaced);
}

#[test]
fn lagging_is_told_once_until_it_ends() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    let mut record = |result| snapshot.record(result, start, start);
    record(Ok(fetched(IAT, 5, 0)));
    for _ in 0..2 {
        assert_eq!(record(Ok(fetched(IAT - 1, 5, 1000))), Change::Lagging);
        assert_eq!(record(failure()), Change::Failed);
        assert_eq!(record(Ok(fetched(IAT - 1, 5, 1000))), Change::StillLagging);
        assert_eq!(record(Ok(fetched(IAT, 5, 0))), Change::Replaced);
    }
}

#[test]
fn a_list_has_stalled_a_second_after_a_fetch_should_have_begun_or_ended() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    let stalls_at = |snapshot: &Snapshot, at: Instant| {
        assert!(!snapshot.is_stalled(at - Duration::from_millis(1)));
        assert!(snapshot.is_stalled(at));
    };
    snapshot.record(Ok(fetched(IAT, 5, 0)), start, start);
    stalls_at(&snapshot, start + 6 * SECOND);
    snapshot.begin(start + 10 * SECOND);
    stalls_at(&snapshot, start + 16 * SECOND);
    snapshot.record(Ok(fetched(IAT, 1, 0)), start + 10 * SECOND, start + 14 * SECOND);
    stalls_at(&snapshot, start + 15 * SECOND);
    snapshot.record(failure(), start + 14 * SECOND, start + 19 * SECOND);
    stalls_at(&snapshot, start + 21 * SECOND);
}

#[test]
fn a_list_lives_for_its_lifetime_of_at_most_a_day() {
    let (mut snapshot, start) = (Snapshot::default(), Instant::now());
    assert_eq!(snapshot.lifetime(), 60 * SECOND);
    snapshot.record(Ok(fetched(IAT, 5, 0)), start, start);
    assert_eq!(snapshot.lifetime(), 600 * SECOND);
    let mut forever = fetched(IAT, 5, 0);
    forever.list.exp = i64::MAX;
    snapshot.record(Ok(forever), start, start);
    assert_eq!(snapshot.lifetime(), Duration::from_hours(24));
}
