//! The database goes away under load, and comes back: nothing ends, nothing that was acknowledged is lost, every answer
//! comes in time, and nobody has to restart anything.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod flood;
mod footprint;
mod prober;
mod verdict;

use std::{
    sync::{Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    thread,
    time::{Duration, Instant},
};

use footprint::Footprints;
use prober::{PROBES, Prober};
use support::{Deployment, Ended, Setup, Worker};
use test_servers::{Kind, POSTGRES, Server};
use verdict::{Outage, Verdict};

const WORKERS: usize = 4;
const BEFORE: Duration = Duration::from_secs(3);
/// Longer than the recovery may take.
const AFTER: Duration = Duration::from_secs(7);

/// How the database goes away, and how it comes back.
struct Way {
    go: fn(&mut Server),
    come_back: fn(&mut Server),
    lasts: Duration,
    /// Every answer comes within this.
    bound: Duration,
}

/// It is killed: connections break and are refused. A request waits three seconds for its turn and three for a
/// connection; what is shared with another request may be that one's.
const GONE: Way = Way {
    go: Server::kill,
    come_back: Server::start_again,
    lasts: Duration::from_secs(20),
    bound: Duration::from_secs(8),
};
/// It stops where it stands: connections are accepted, and nothing is ever said. A request waits three seconds for its
/// turn and ten for the answer; the rest is a busy machine's.
const SILENT: Way = Way {
    go: |server| server.freeze(),
    come_back: |server| server.thaw(),
    lasts: Duration::from_secs(16),
    bound: Duration::from_secs(17),
};

#[test]
fn a_postgresql_that_is_gone_costs_no_more_than_the_time_it_is_away() {
    outlive("PostgreSQL gone", &POSTGRES, &GONE);
}

#[test]
fn a_postgresql_that_is_silent_costs_no_more_than_the_time_it_is_away() {
    outlive("PostgreSQL silent", &POSTGRES, &SILENT);
}

#[cfg(feature = "mysql")]
#[test]
fn a_mariadb_that_is_gone_costs_no_more_than_the_time_it_is_away() {
    outlive("MariaDB gone", &test_servers::MARIADB, &GONE);
}

#[cfg(feature = "mysql")]
#[test]
fn a_mariadb_that_is_silent_costs_no_more_than_the_time_it_is_away() {
    outlive("MariaDB silent", &test_servers::MARIADB, &SILENT);
}

/// A deployment, and the turn of whoever has it: beside another, neither would be answered in its time.
fn deploy(kind: &'static Kind) -> (MutexGuard<'static, ()>, Deployment) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let auth_settings = &[("AUTH__LIMITS__ENABLED", "false")];
    let setup =
        Setup { database: kind, auth_servers: 1, resource_apis: 1, auth_settings, ..Setup::default() };
    (turn, Deployment::start(&setup))
}

fn outlive(name: &str, kind: &'static Kind, way: &Way) {
    let (_turn, mut deployment) = deploy(kind);
    let probers: Vec<_> = PROBES.iter().map(|probe| Prober::new(*probe, &deployment)).collect();
    let workers: Vec<_> = (0..WORKERS).map(|number| Worker::new(number, &deployment)).collect();
    let (done, mut footprints) = (AtomicBool::new(false), Footprints::of(&deployment));
    let (outage, probers, mut workers) = thread::scope(|scope| {
        let done = &done;
        let ended = Ended(done);
        let workers: Vec<_> =
            workers.into_iter().map(|worker| scope.spawn(move || worker.work_until(done))).collect();
        let probers: Vec<_> =
            probers.into_iter().map(|prober| scope.spawn(move || prober.probe_until(done))).collect();
        footprints.watch_for(BEFORE);
        let begins = Instant::now();
        (way.go)(&mut deployment.database);
        let from = Instant::now();
        footprints.watch_for(way.lasts);
        let until = Instant::now();
        (way.come_back)(&mut deployment.database);
        let outage = Outage { begins, from, until, back_at: Instant::now(), bound: way.bound };
        footprints.watch_for(AFTER);
        drop(ended);
        let probers: Vec<Prober> = probers.into_iter().map(|prober| prober.join().unwrap()).collect();
        let workers: Vec<Worker> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
        (outage, probers, workers)
    });
    let verdicts: Vec<Verdict> =
        probers.iter().map(|prober| Verdict::over(prober.probe, &prober.tries, &outage)).collect();
    println!("{name}:");
    for verdict in &verdicts {
        println!("  {verdict}");
    }
    println!("  {footprints}");
    verdicts.iter().for_each(Verdict::assert_good);
    footprints.assert_bounded();

    workers.iter_mut().for_each(Worker::check_everything);
    let acknowledged = workers.iter().map(Worker::acknowledged);
    let [signups, posts, logouts] =
        acknowledged.reduce(|one, other| std::array::from_fn(|index| one[index] + other[index])).unwrap();
    let refreshes: usize = workers.iter().map(|worker| worker.refreshes).sum();
    println!("  nothing lost of {signups} signups, {refreshes} refreshes, {posts} posts, {logouts} logouts");
    assert!(signups >= 4 && posts > 20, "too little happened to mean anything");
    let log = deployment.logs();
    assert!(!log.contains("panicked") && !log.contains("ahead of its row"), "{log}");
}
