//! A server as a process of its own: started, asked for what it has used, and ended with us.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::http::{Connection, Request};

const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Short, because starts are timed with it.
const POLL: Duration = Duration::from_millis(1);
/// Linux counts processor time for programs in hundredths of a second, whatever it does inside.
const TICKS_PER_SECOND: u32 = 100;

/// A port that nothing listened on a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) port: u16,
    child: Child,
    /// From the start of the program until it answered.
    pub(crate) took: Duration,
}

impl Process {
    /// Starts it, and waits until it answers 200 to a GET of this path. What it logs is written, and read by nobody.
    pub(crate) fn start(mut command: Command, port: u16, ready: &str) -> Result<Self> {
        let started = Instant::now();
        let program = command.get_program().to_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("{} does not start", program.display()))?;
        let mut process = Self { port, child, took: Duration::ZERO };
        let request = Request::get(ready);
        let answers = || -> Result<u16> { Ok(Connection::open(port)?.exchange(&request)?.status) };
        while !answers().is_ok_and(|status| status == 200) {
            if let Some(status) = process.child.try_wait()? {
                anyhow::bail!("{} ended by itself ({status})", program.display());
            }
            ensure!(started.elapsed() < START_TIMEOUT, "{} is not ready", program.display());
            std::thread::sleep(POLL);
        }
        process.took = started.elapsed();
        Ok(process)
    }

    /// The processor time it has used, its own and the kernel's for it.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu_of(self.child.id())
    }

    /// The memory it holds now, in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")).context("no VmRSS")?;
        Ok(kilobytes.trim().parse::<u64>()? * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // This fails only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that the kernel ends when we die without a chance to do so, where util-linux is at hand.
pub(crate) fn tethered(program: &Path) -> Command {
    let tether = ["--pdeathsig", "KILL", "--"];
    let mut probe = Command::new("setpriv");
    probe.args(tether).arg("true").stdout(Stdio::null()).stderr(Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) {
        let mut command = Command::new("setpriv");
        command.args(tether).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// The processor time of a process and of those of its children that are gone.
pub(crate) fn cpu_of(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let ticks = ticks_in(&stat).with_context(|| format!("not as proc(5) has it: {stat}"))?;
    Ok(Duration::from_secs(ticks) / TICKS_PER_SECOND)
}

/// The same of a server that makes a process for each connection: with those that live.
pub(crate) fn cpu_with_children(pid: u32) -> Result<Duration> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    let children = children.split_whitespace().filter_map(|child| cpu_of(child.parse().ok()?).ok());
    Ok(children.sum::<Duration>() + cpu_of(pid)?)
}

/// utime, stime, cutime and cstime of proc(5). The name before them may hold blanks and brackets.
fn ticks_in(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let times = after_name.split_whitespace().skip(11).take(4);
    let times: Vec<u64> = times.map_while(|ticks| ticks.parse().ok()).collect();
    (times.len() == 4).then(|| times.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_whatever_the_program_is_called() {
        let stat = "31 (a) b (c) S 1 31 31 0 -1 4194560 100 0 0 0 7 5 2 1 20 0 3 0 123 456 789";
        assert_eq!(ticks_in(stat), Some(15));
        assert_eq!(ticks_in("31 (cut off) S 1 31"), None);
    }

    #[test]
    fn work_counts_as_processor_time_and_sleep_does_not() {
        let own = || cpu_of(std::process::id()).unwrap();
        let (enough, started) = (own() + Duration::from_millis(50), Instant::now());
        while own() < enough {
            assert!(started.elapsed() < Duration::from_secs(20), "no processor time is seen");
            std::hint::black_box((0..10_000).sum::<u64>());
        }
        let mut sleeper = Command::new("sleep").arg("60").spawn().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(cpu_of(sleeper.id()).unwrap() < Duration::from_millis(50));
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
    }

    #[test]
    fn a_server_that_ends_by_itself_is_an_error() {
        let started = Process::start(Command::new("false"), free_port().unwrap(), "/");
        assert!(started.unwrap_err().to_string().contains("ended by itself"));
    }
}
