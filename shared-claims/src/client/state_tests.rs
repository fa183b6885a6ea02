use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn moment() -> Moment {
    Moment { at: Instant::now(), wall_ms: 1_800_000_000_000 }
}

fn after(start: Moment, elapsed: Duration) -> Moment {
    let wall_ms = start.wall_ms + i64::try_from(elapsed.as_millis()).unwrap();
    Moment { at: start.at + elapsed, wall_ms }
}

fn token(text: &str) -> ServiceToken {
    ServiceToken::parse(text).unwrap()
}

fn fetched(text: &str, seconds: u64) -> Fetched {
    Fetched { token: token(text), life: Duration::from_secs(seconds) }
}

fn failure(retry_after: Option<u64>) -> FetchError {
    let cause = crate::http::HttpError::TooLarge(1).into();
    FetchError::Unavailable { cause, retry_after: retry_after.map(Duration::from_secs) }
}

/// Begins a fetch and ends it at once.
fn fetch(state: &mut State, result: Result<Fetched, FetchError>, now: Moment) {
    let number = state.begin(now).expect("a fetch may begin");
    state.record(number, now, result, now);
}

fn holding(text: &str, seconds: u64, start: Moment) -> State {
    let mut state = State::default();
    fetch(&mut state, Ok(fetched(text, seconds)), start);
    state
}

/// The step, and the token or the seconds that it names.
fn step(state: &State, now: Moment) -> (&'static str, String) {
    match state.step(now) {
        Step::Use(token) => ("use", token.as_str().to_owned()),
        Step::UseAndRenew(token) => ("renew", token.as_str().to_owned()),
        Step::WaitUntil(_) => ("wait", String::new()),
        Step::Fetch => ("fetch", String::new()),
        Step::Refuse(error) => ("refuse", error.retry_after().as_secs().to_string()),
    }
}

#[test]
fn a_token_is_used_renewed_from_three_quarters_of_its_life_and_expires_with_a_margin() {
    let start = moment();
    let state = holding("a", 400, start);
    for (seconds, expected) in [(0, "use"), (300, "use"), (301, "renew"), (397, "renew"), (398, "fetch")] {
        assert_eq!(step(&state, after(start, seconds * SECOND)).0, expected, "after {seconds} s");
    }
    let brief = holding("a", 10, start);
    assert_eq!(step(&brief, after(start, Duration::from_millis(8_999))).0, "renew");
    assert_eq!(step(&brief, after(start, 9 * SECOND)).0, "fetch");
}

#[test]
fn either_clock_ages_a_token_and_one_that_is_set_back_does_not_make_it_younger() {
    let start = moment();
    let state = holding("a", 400, start);
    let later = after(start, 400 * SECOND);
    assert_eq!(step(&state, Moment { at: start.at, ..later }).0, "fetch", "the machine was asleep");
    assert_eq!(step(&state, Moment { wall_ms: start.wall_ms, ..later }).0, "fetch", "the clock stands");
    assert_eq!(step(&state, Moment { wall_ms: 0, ..later }).0, "fetch", "the clock was set back");
    assert_eq!(step(&state, Moment { wall_ms: 0, ..start }).0, "use");
}

#[test]
fn one_fetch_at_a_time_unless_it_has_stalled() {
    let (mut state, start) = (State::default(), moment());
    assert_eq!(step(&state, start).0, "fetch");
    let first = state.begin(start).unwrap();
    assert_eq!(step(&state, start).0, "wait");
    assert!(state.begin(after(start, 5 * SECOND)).is_none());
    let stalled = after(start, 6 * SECOND);
    assert_eq!(step(&state, stalled).0, "fetch");
    let second = state.begin(stalled).unwrap();
    state.record(first, start, Err(failure(None)), stalled);
    assert_eq!(step(&state, stalled).0, "wait", "the failure of the first says nothing of the second");
    state.record(first, start, Ok(fetched("a", 300)), stalled);
    assert_eq!(step(&state, stalled).0, "use", "a token is a token");
    state.record(second, stalled, Ok(fetched("b", 300)), stalled);
    assert_eq!(step(&state, stalled), ("use", "b".into()));
}

#[test]
fn an_abandoned_fetch_is_begun_anew() {
    let (mut state, start) = (State::default(), moment());
    let number = state.begin(start).unwrap();
    assert!(state.abandon(number));
    assert!(!state.abandon(number));
    assert_eq!(step(&state, start).0, "fetch");
}

#[test]
fn a_renewal_under_way_delays_nobody_and_is_not_begun_twice() {
    let start = moment();
    let mut state = holding("a", 400, start);
    let due = after(start, 310 * SECOND);
    let number = state.begin(due).unwrap();
    assert_eq!(step(&state, due), ("use", "a".into()));
    state.record(number, due, Ok(fetched("b", 400)), due);
    assert_eq!(step(&state, after(due, 300 * SECOND)), ("use", "b".into()));
}

#[test]
fn failures_back_off_to_thirty_seconds_and_success_ends_that() {
    let (mut state, mut now) = (State::default(), moment());
    for expected in [1, 2, 4, 8, 16, 30, 30] {
        fetch(&mut state, Err(failure(None)), now);
        assert_eq!(step(&state, now), ("refuse", expected.to_string()));
        let almost = Duration::from_millis(u64::from(expected) * 1000 - 1);
        assert!(state.begin(after(now, almost)).is_none());
        now = after(now, expected * SECOND);
    }
    state.failures = u32::MAX;
    fetch(&mut state, Err(failure(None)), now);
    now = after(now, 30 * SECOND);
    fetch(&mut state, Ok(fetched("a", 1)), now);
    now = after(now, SECOND);
    fetch(&mut state, Err(failure(None)), now);
    assert_eq!(step(&state, now), ("refuse", "1".into()));
}

#[test]
fn retry_after_is_honoured_up_to_a_minute_and_never_shortens_the_wait() {
    for (said, waits) in [(0, 1), (7, 7), (60, 60), (86_400, 60)] {
        let (mut state, now) = (State::default(), moment());
        fetch(&mut state, Err(failure(Some(said))), now);
        assert_eq!(step(&state, now), ("refuse", waits.to_string()), "Retry-After: {said}");
    }
}

#[test]
fn a_token_at_hand_outlives_failed_renewals() {
    let start = moment();
    let mut state = holding("a", 400, start);
    let due = after(start, 301 * SECOND);
    fetch(&mut state, Err(failure(None)), due);
    assert_eq!(step(&state, due), ("use", "a".into()), "not to be renewed again at once");
    assert_eq!(step(&state, after(due, SECOND)).0, "renew");
    assert_eq!(step(&state, after(start, 398 * SECOND)).0, "fetch");
}

#[test]
fn exactly_the_token_that_was_refused_is_forgotten() {
    let start = moment();
    let mut state = holding("a", 400, start);
    state.forget(&token("b"));
    assert_eq!(step(&state, start).0, "use");
    state.forget(&token("a"));
    assert_eq!(step(&state, start).0, "fetch");
}

#[test]
fn a_token_that_is_past_when_it_arrives_counts_as_a_failure() {
    let (mut state, start) = (State::default(), moment());
    let number = state.begin(start).unwrap();
    let arrived = after(start, 2 * SECOND);
    state.record(number, start, Ok(fetched("a", 1)), arrived);
    assert_eq!(step(&state, arrived), ("refuse", "1".into()));
}
