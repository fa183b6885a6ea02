//! One of the programs, as a process.

use std::{
    fs::OpenOptions,
    path::PathBuf,
    process::Child,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

const START_TIMEOUT: Duration = Duration::from_mins(1);
/// Past this it hangs.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// How an instance is started, and started again.
pub(crate) struct Launch {
    pub(super) program: &'static str,
    pub(super) port: u16,
    pub(super) log: PathBuf,
    pub(super) settings: Vec<(String, String)>,
}

pub(crate) struct Instance {
    pub(crate) launch: Launch,
    pub(crate) child: Child,
}

impl Launch {
    /// The thread that calls this must live for as long as the program shall.
    pub(crate) fn spawn(&self) -> Child {
        let prefix = if self.program == "auth-server" { "AUTH" } else { "API" };
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let mut command = super::mortal(path_of(self.program));
        command.env(format!("{prefix}__LISTEN"), format!("127.0.0.1:{}", self.port));
        command.env("RUST_LOG", "info").envs(self.settings.iter().cloned());
        command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    }
}

impl Instance {
    /// Starts it; it may not listen yet.
    pub(super) fn start(launch: Launch) -> Self {
        let child = launch.spawn();
        Self { launch, child }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.launch.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + START_TIMEOUT;
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/health/ready", self.url());
        while !http.get(&url).send().is_ok_and(|answer| answer.status().is_success()) {
            let ended = self.child.try_wait().unwrap();
            let in_time = ended.is_none() && Instant::now() < deadline;
            assert!(in_time, "{} does not start:\n{}", self.launch.program, self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGTERM; how long it took to end, which must be a good end.
    pub(crate) fn stop(&mut self) -> Duration {
        let begin = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{}", self.log());
                return begin.elapsed();
            }
            assert!(begin.elapsed() < STOP_TIMEOUT, "it does not stop:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.launch.log).unwrap()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Beside the folder of the test program, where cargo puts it.
fn path_of(program: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().unwrap().with_file_name(program);
    assert!(path.is_file(), "{} is missing: cargo build -p auth-server -p resource-api", path.display());
    path
}
