use std::time::Duration;

use super::*;

/// Cheap enough for tests, dear enough to be measured.
const COST: u32 = 9;

fn costs() -> Costs {
    Costs { current: COST, highest: AtomicU32::new(COST) }
}

fn given(text: &str) -> Option<Password> {
    Password::given(text)
}

fn is_right(costs: &Costs, password: &str, hash: &str) -> bool {
    verify(costs, given(password).as_ref(), Some(hash), true)
}

#[test]
fn passwords_have_8_characters_to_72_bytes_and_no_nul() {
    assert!(Password::chosen("1234567").is_err());
    assert!(Password::chosen("12345678").is_ok());
    assert!(Password::chosen(&"x".repeat(72)).is_ok());
    assert!(Password::chosen(&"x".repeat(73)).is_err());
    assert!(Password::chosen(&"é".repeat(36)).is_ok());
    assert!(Password::chosen(&"é".repeat(37)).is_err());
    assert!(Password::chosen("1234\x005678").is_err());
}

#[test]
fn the_72nd_byte_counts() {
    let hash = given(&"x".repeat(72)).unwrap().hash(4).unwrap();
    let other = format!("{}y", "x".repeat(71));
    assert!(is_right(&costs(), &"x".repeat(72), &hash));
    assert!(!is_right(&costs(), &other, &hash));
}

#[test]
fn composed_and_decomposed_spellings_are_one_password() {
    let hash = given("pass\u{e9}word").unwrap().hash(4).unwrap();
    assert!(is_right(&costs(), "passe\u{301}word", &hash));
}

#[test]
fn passwords_are_rated_with_the_users_name_in_mind() {
    assert!(Password::chosen("Happy123").unwrap().is_weak(&[]));
    assert!(!Password::chosen("LessHappy123").unwrap().is_weak(&[]));
    assert!(Password::chosen("wilhelmina").unwrap().is_weak(&["wilhelmina"]));
}

#[test]
fn a_hash_that_is_none_verifies_nothing() {
    for hash in ["", "x", "$2b$12$", "$2b$99$xxxxxxxxxxxxxxxxxxxxxx"] {
        assert!(!is_right(&costs(), "whatever1", hash), "{hash}");
    }
}

/// The processor time that the work takes: what else runs on the machine does not count.
fn time(work: impl Fn()) -> Duration {
    let spent = || {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap())
    };
    let once = || {
        let started = spent();
        work();
        spent().saturating_sub(started)
    };
    (0..5).map(|_| once()).min().unwrap()
}

#[test]
fn every_refusal_takes_the_time_of_one_hash() {
    let costs = costs();
    let current = given("right password").unwrap().hash(COST).unwrap();
    let old = given("right password").unwrap().hash(COST - 3).unwrap();
    let unknown = time(|| assert!(!verify(&costs, given("wrong password").as_ref(), None, true)));
    let wrong = time(|| assert!(!is_right(&costs, "wrong password", &current)));
    let impossible = time(|| assert!(!verify(&costs, None, Some(&current), true)));
    let outdated = time(|| assert!(!is_right(&costs, "wrong password", &old)));
    let right = given("right password");
    let inactive = time(|| assert!(!verify(&costs, right.as_ref(), Some(&old), false)));
    let refusals =
        [("unknown", unknown), ("impossible", impossible), ("outdated", outdated), ("inactive", inactive)];
    for (name, taken) in refusals {
        let ratio = taken.as_secs_f64() / wrong.as_secs_f64();
        assert!((0.8..1.25).contains(&ratio), "{name}: {ratio:.2} of a wrong password's time");
    }
}

#[test]
fn after_a_dearer_hash_was_seen_every_refusal_takes_its_time() {
    let costs = costs();
    let dear = given("right password").unwrap().hash(COST + 2).unwrap();
    assert!(!is_right(&costs, "wrong password", &dear));
    let after = time(|| assert!(!verify(&costs, given("wrong password").as_ref(), None, true)));
    let before = time(|| spend(COST));
    assert!(after > before * 3, "{after:?} against {before:?}");
}

#[test]
fn the_highest_cost_among_users_is_known_from_the_start() {
    let hasher = Hasher::start(10, Some("$2b$14$")).unwrap();
    assert_eq!(hasher.costs.highest.load(Ordering::Relaxed), 14);
    let hasher = Hasher::start(10, Some("$2b$09$")).unwrap();
    assert_eq!(hasher.costs.highest.load(Ordering::Relaxed), 10);
}

#[actix_rt::test]
async fn a_full_queue_is_told_at_once() {
    let hasher = Hasher::start(10, None).unwrap();
    let queue = thread::available_parallelism().unwrap().get() * QUEUE_PER_THREAD;
    // Asked for in one go: the queue is full before a thread can have emptied it.
    let asked = (0..queue * 3).map(|_| hasher.verify(None, None, true));
    let answers = futures_util::future::join_all(asked).await;
    let refused = answers.iter().filter(|answer| matches!(answer, Err(QueueFull))).count();
    assert!((1..=queue * 2).contains(&refused), "{refused} of {} refused", queue * 3);
    assert_eq!(hasher.in_flight(), 0);
}
