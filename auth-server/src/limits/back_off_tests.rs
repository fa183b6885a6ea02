use super::*;

#[test]
fn waits_double_from_a_second_to_their_cap() {
    let waits = |rule: Rule, failures: &[i64]| -> Vec<i64> {
        failures.iter().map(|count| rule.wait(*count) / SECOND).collect()
    };
    assert_eq!(
        waits(PER_NETWORK, &[0, 4, 5, 6, 7, 14, 15, 1000, i64::MAX]),
        [0, 0, 1, 2, 4, 512, 900, 900, 900]
    );
    assert_eq!(waits(PER_NAME, &[0, 29, 30, 31, 35, 36, 37, i64::MAX]), [0, 0, 1, 2, 32, 60, 60, 60]);
}

#[test]
fn what_remains_runs_out_and_failures_are_forgotten() {
    let now = 1_800_000_000_000;
    assert_eq!(PER_NETWORK.remaining(None, now), 0);
    assert_eq!(PER_NETWORK.remaining(Some(failed_at(now - 1500, 7)), now), 2500);
    assert!(PER_NETWORK.remaining(Some(failed_at(now - 4000, 7)), now) <= 0);
    assert!(remembered(Some(failed_at(now - FORGOTTEN_AFTER, 100)), now).is_none());
    assert!(remembered(Some(failed_at(now - FORGOTTEN_AFTER + 1, 100)), now).is_some());
}

#[test]
fn a_clock_that_was_set_back_makes_no_wait_longer() {
    let now = 1_800_000_000_000;
    for rule in [PER_NETWORK, PER_NAME] {
        assert_eq!(rule.remaining(Some(failed_at(now + DAY, 1000)), now), rule.longest_wait);
    }
}

#[test]
fn a_name_is_the_same_in_any_case_and_keys_are_shared_by_no_two_purposes() {
    let address = |text: &str| Some(text.parse().unwrap());
    let keys = |name: &str, from: &str| {
        let guess = Guess::new(name, address(from));
        [guess.name, guess.name_and_network, guess.known_network]
    };
    assert_eq!(keys("Alice", "192.0.2.1"), keys("aLICE", "192.0.2.1"));
    let [name, pair, known] = keys("alice", "192.0.2.1");
    assert!(name != pair && pair != known && known != name);
    assert!([&name, &pair, &known].iter().all(|key| key.len() == 43));
    let [elsewhere, pair_elsewhere, known_elsewhere] = keys("alice", "192.0.2.2");
    assert!(name == elsewhere && pair != pair_elsewhere && known != known_elsewhere);
    assert_ne!(keys("bob", "192.0.2.1")[1], pair);
    let shown = format!("{:?}", Guess::new("hunter2", None));
    assert!(!shown.contains("hunter2"), "{shown}");
}
