//! Memory and threads of the servers.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use crate::support::Deployment;

const EVERY: Duration = Duration::from_millis(500);
/// More than before, in MiB.
const MORE_MEMORY: usize = 40;
/// More than before. A pool of connections waits with as many.
const MORE_THREADS: usize = 24;

#[derive(Debug, Clone, Copy)]
struct Footprint {
    mebibytes: usize,
    threads: usize,
}

/// Of each server: its process, the first look, and the greatest of each kind.
pub(crate) struct Footprints(Vec<(u32, Footprint, Footprint)>);

impl Footprint {
    fn of(pid: u32) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the server runs");
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("it runs");
            line.split_whitespace().next().unwrap().parse::<usize>().unwrap()
        };
        Self { mebibytes: number("VmRSS:") / 1024, threads: number("Threads:") }
    }
}

impl Footprints {
    pub(crate) fn of(deployment: &Deployment) -> Self {
        let servers = deployment.auth.iter().chain(&deployment.api);
        let look = |pid| (pid, Footprint::of(pid), Footprint::of(pid));
        Self(servers.map(|server| look(server.child.id())).collect())
    }

    /// Looks again and again. A server that has ended is an error.
    pub(crate) fn watch_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            for (pid, _, greatest) in &mut self.0 {
                let now = Footprint::of(*pid);
                greatest.mebibytes = greatest.mebibytes.max(now.mebibytes);
                greatest.threads = greatest.threads.max(now.threads);
            }
            thread::sleep(EVERY.min(end.saturating_duration_since(Instant::now())));
        }
    }

    pub(crate) fn assert_bounded(&self) {
        for (_, first, greatest) in &self.0 {
            assert!(greatest.mebibytes < first.mebibytes + MORE_MEMORY, "{self}");
            assert!(greatest.threads < first.threads + MORE_THREADS, "{self}");
        }
    }
}

impl fmt::Display for Footprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((_, first, greatest), name) in self.0.iter().zip(["auth-server", "resource-api"]) {
            let (from, to) = (first.mebibytes, greatest.mebibytes);
            write!(f, "{name}: {from} to {to} MiB, {} to {} threads; ", first.threads, greatest.threads)?;
        }
        Ok(())
    }
}
