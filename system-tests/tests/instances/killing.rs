//! Any instance killed with SIGKILL at any moment under load, one at a time.
//!
//! Which and when follows from a seed, printed at the start; `FAULTS_SEED` repeats a run, `FAULTS_KILLS` makes it longer.

use std::{thread, time::Duration};

use crate::{
    load::work_while,
    support::{Deployment, Setup, Worker},
};

const KILLS: u64 = 25;
/// Nobody waits for an instance that is gone.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);

/// A small generator (`SplitMix64`), so that a seed tells the whole run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn nap(&mut self, limit_ms: u64) {
        thread::sleep(Duration::from_millis(self.below(limit_ms)));
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn no_acknowledged_write_and_no_session_is_lost_when_instances_are_killed() {
    let seed = setting("FAULTS_SEED").unwrap_or_else(|| getrandom::u64().unwrap());
    let kills = setting("FAULTS_KILLS").unwrap_or(KILLS);
    println!("FAULTS_SEED={seed}");
    let mut random = Random(seed);
    let auth_settings = &[("AUTH__LIMITS__ENABLED", "false")];
    let mut deployment = Deployment::start(&Setup { auth_settings, ..Setup::default() });
    let workers = work_while(&mut deployment, |deployment| {
        for _ in 0..kills {
            let mut instances = deployment.instances();
            let chosen = random.below(instances.len() as u64);
            let instance = instances.swap_remove(usize::try_from(chosen).unwrap());
            instance.kill();
            random.nap(300);
            instance.start_again();
            random.nap(300);
        }
    });
    let sum = |of: fn(&Worker) -> usize| workers.iter().map(of).sum::<usize>();
    let (signups, posts, logouts) =
        (sum(|w| w.acknowledged()[0]), sum(|w| w.acknowledged()[1]), sum(|w| w.acknowledged()[2]));
    let refreshes = sum(|w| w.refreshes);
    let (tries, unanswered) =
        (sum(|w| w.tries.len()), sum(|w| w.tries.iter().filter(|t| t.is_unanswered()).count()));
    println!(
        "{kills} kills; acknowledged: {signups} signups, {refreshes} refreshes, {posts} posts, {logouts} logouts; \
         {unanswered} of {tries} requests had to be repeated"
    );
    assert!(signups > 6 && posts > 50, "too little happened to mean anything");
    assert!(unanswered > 0, "no kill was noticed");
    for tried in workers.iter().flat_map(|worker| &worker.tries) {
        assert!(tried.took < ANSWERED_WITHIN, "{tried:?}");
        assert!(tried.status != Some(503) || tried.retry_after.is_some(), "{tried:?}");
    }
    deployment.assert_no_complaints();
}
