//! One server as a child process that never outlives us.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::Interrupt;

const POLL: Duration = Duration::from_millis(50);
/// A server finishes requests in flight for at most 10 s; a little longer is a hang.
const STOP_WITHIN: Duration = Duration::from_secs(11);

/// Where a server's log goes.
#[derive(Debug)]
pub(crate) enum Output {
    /// Line by line to our own output, each behind this prefix.
    Console(String),
    File(PathBuf),
}

/// A running server. Dropping it stops it too, but tells nobody how it ended; [`stop_all`] does.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
}

impl Process {
    /// Starts what [`tethered`] made.
    pub(crate) fn start(name: &'static str, mut command: Command, output: &Output) -> Result<Self> {
        match output {
            Output::Console(_) => command.stdout(Stdio::piped()).stderr(Stdio::piped()),
            Output::File(path) => {
                let file = File::options().create(true).append(true).open(path)?;
                command.stdout(file.try_clone()?).stderr(file)
            }
        };
        let mut child = command.spawn().with_context(|| format!("{name} does not start"))?;
        if let Output::Console(prefix) = output {
            child.stdout.take().into_iter().for_each(|stream| show_lines(stream, prefix.clone()));
            child.stderr.take().into_iter().for_each(|stream| show_lines(stream, prefix.clone()));
        }
        Ok(Self { name, child })
    }

    /// An error when the server has ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("{} ended by itself ({status})", self.name);
        }
        Ok(())
    }

    /// Waits until the server at this address says that it is ready.
    pub(crate) fn wait_until_ready(
        &mut self,
        port: u16,
        within: Duration,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(5)))
            .build()
            .new_agent();
        let url = format!("http://127.0.0.1:{port}/health/ready");
        let started = Instant::now();
        loop {
            self.check()?;
            interrupt.check()?;
            let last = match agent.get(&url).call() {
                Ok(answer) if answer.status() == 200 => return Ok(()),
                Ok(mut answer) => answer.body_mut().read_to_string().unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            if started.elapsed() > within {
                bail!("{} is not ready after {} s: {last}", self.name, within.as_secs());
            }
            std::thread::sleep(POLL);
        }
    }

    fn ask_to_stop(&self) -> Result<()> {
        Ok(kill_process(Pid::from_child(&self.child), Signal::TERM)?)
    }

    fn wait_or_kill(&mut self, deadline: Instant) -> Result<ExitStatus> {
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(POLL);
        }
        self.child.kill()?;
        self.child.wait()?;
        bail!("{} did not stop within {} s of SIGTERM and was killed", self.name, STOP_WITHIN.as_secs())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // This fails only when the child is gone already, which is what is wanted.
        if matches!(self.child.try_wait(), Ok(None)) && self.ask_to_stop().is_ok() {
            let _ = self.wait_or_kill(Instant::now() + STOP_WITHIN);
        }
    }
}

/// Stops them together by SIGTERM. An error when one does not end well, or had to be killed.
pub(crate) fn stop_all(processes: &mut [Process]) -> Result<()> {
    for process in &mut *processes {
        process.check()?;
        process.ask_to_stop()?;
    }
    let deadline = Instant::now() + STOP_WITHIN;
    for process in processes {
        let status = process.wait_or_kill(deadline)?;
        if !status.success() {
            bail!("{} ended with {status} when asked to stop", process.name);
        }
    }
    Ok(())
}

/// A command in a process group of its own, so that the terminal's Ctrl-C reaches us alone and we stop the servers in
/// order; and, where util-linux is at hand, one that the kernel ends when we die without a chance to do so.
pub(crate) fn tethered(program: &Path) -> Command {
    let tether = ["--pdeathsig", "TERM", "--"];
    let mut probe = Command::new("setpriv");
    probe.args(tether).arg("true").stdout(Stdio::null()).stderr(Stdio::null());
    let mut command = if probe.status().is_ok_and(|status| status.success()) {
        let mut command = Command::new("setpriv");
        command.args(tether).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.stdin(Stdio::null()).process_group(0);
    command
}

fn show_lines(stream: impl Read + Send + 'static, prefix: String) {
    std::thread::spawn(move || {
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            println!("{prefix} {}", String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        let mut command = tethered(Path::new("/bin/sh"));
        command.args(["-c", script]);
        Process::start("sh", command, &Output::File("/dev/null".into())).unwrap()
    }

    fn runs(pid: Pid) -> bool {
        rustix::process::test_kill_process(pid).is_ok()
    }

    #[test]
    fn a_server_is_stopped_by_sigterm_and_must_end_well() {
        let ready = tempfile::NamedTempFile::new().unwrap();
        let obedient = |code| {
            let path = ready.path().display();
            shell(&format!("trap 'exit {code}' TERM; echo >>{path}; while true; do sleep 0.05; done"))
        };
        let mut good = [obedient(0), obedient(0)];
        while ready.as_file().metadata().unwrap().len() < 2 {
            std::thread::sleep(POLL);
        }
        stop_all(&mut good).unwrap();
        let mut bad = [obedient(3)];
        while ready.as_file().metadata().unwrap().len() < 3 {
            std::thread::sleep(POLL);
        }
        assert!(stop_all(&mut bad).unwrap_err().to_string().contains("exit status: 3"));
    }

    #[test]
    fn a_server_that_ends_by_itself_is_an_error() {
        let mut process = shell("exit 0");
        process.child.wait().unwrap();
        assert!(process.check().unwrap_err().to_string().contains("ended by itself"));
        assert!(stop_all(&mut [process]).is_err());
    }

    #[test]
    fn a_server_does_not_outlive_its_handle() {
        let process = shell("sleep 60");
        let pid = Pid::from_child(&process.child);
        assert!(runs(pid));
        drop(process);
        assert!(!runs(pid));
    }
}
