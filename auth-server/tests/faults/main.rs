//! auth-server killed with SIGKILL at random moments: what it has acknowledged is never lost. Two of them that rotate
//! keys: no good token is refused.
//!
//! The moments of death follow from a seed, printed at the start; `FAULTS_SEED` repeats a run, `FAULTS_KILLS` makes it
//! longer.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

mod client;
mod rotation;
mod server;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use client::Client;
use server::Server;

const KILLS: usize = 50;
const CLIENTS: usize = 4;
/// On a slow machine so many times the kills, until enough was acknowledged.
const PATIENCE: usize = 6;

/// A small generator of moments (xorshift64*), so that a seed tells the whole run.
struct Moments(u64);

impl Moments {
    fn next_millis(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % below
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

fn seed() -> u64 {
    setting("FAULTS_SEED").unwrap_or_else(|| getrandom::u64().expect("the system's randomness")).max(1)
}

/// A client, and the thread in which it works.
type Working = (Arc<Mutex<Client>>, thread::JoinHandle<()>);

/// What the server has acknowledged.
#[derive(Debug, Default)]
struct Acknowledged {
    signups: usize,
    refreshes: usize,
    logouts: usize,
}

impl Acknowledged {
    fn to(clients: &[Working]) -> Self {
        let mut sum = Self::default();
        for (client, _) in clients {
            let client = client.lock().unwrap();
            sum.signups += client.signups();
            sum.refreshes += client.refreshes;
            sum.logouts += client.logouts;
        }
        sum
    }

    fn is_enough(&self, kills: usize) -> bool {
        self.signups > kills / 2 && self.refreshes > kills && self.logouts > kills / 2
    }
}

#[test]
fn no_acknowledged_signup_refresh_or_logout_is_lost_when_the_server_is_killed() {
    let seed = seed();
    let kills = setting("FAULTS_KILLS").map_or(KILLS, |kills| usize::try_from(kills).unwrap());
    println!("FAULTS_SEED={seed}");
    let mut moments = Moments(seed);
    let mut server = Server::start(&[]);
    let done = Arc::new(AtomicBool::new(false));
    let clients: Vec<Working> = (0..CLIENTS)
        .map(|number| {
            let (done, url) = (done.clone(), server.url());
            let client = Arc::new(Mutex::new(Client::new(number, &url)));
            let working = client.clone();
            let thread = thread::spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    working.lock().unwrap().step();
                }
            });
            (client, thread)
        })
        .collect();

    let mut deaths = 0;
    while deaths < kills || (deaths < PATIENCE * kills && !Acknowledged::to(&clients).is_enough(kills)) {
        thread::sleep(Duration::from_millis(20 + moments.next_millis(300)));
        server.kill();
        server.restart();
        deaths += 1;
    }
    done.store(true, Ordering::Relaxed);
    let acknowledged = Acknowledged::to(&clients);
    for (client, thread) in clients {
        thread.join().unwrap();
        client.lock().unwrap().check_everything();
    }
    println!("{deaths} kills; {acknowledged:?}");
    assert!(acknowledged.is_enough(kills), "too little happened to mean anything");
    let log = server.log();
    assert!(!log.contains("ahead of its row"), "an acknowledged refresh was not in the database:\n{log}");
    assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
}
