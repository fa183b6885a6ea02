//! One throwaway server.

use std::{
    ffi::OsString,
    fs::OpenOptions,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use shared_service::database::{DatabaseUrl, connect};

use crate::folder::Folder;

const START_TIMEOUT: Duration = Duration::from_mins(1);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// A port that was free may be taken before the server has it.
const TRIES: usize = 5;

/// What differs between the engines.
#[derive(Debug)]
pub struct Kind {
    pub(crate) name: &'static str,
    /// Whether it makes a process for each connection.
    pub(crate) is_many_processes: bool,
    /// The Debian package that has the server.
    pub(crate) package: &'static str,
    /// The account that it runs under when we are root.
    pub(crate) account: &'static str,
    /// Finds a program of the engine's by its name.
    pub(crate) find: fn(&str) -> Option<PathBuf>,
    /// The program that makes a data folder, and its arguments.
    pub(crate) initialise: fn(&Path) -> (&'static str, Vec<OsString>),
    /// The server program, and its arguments.
    pub(crate) serve: fn(&Path, u16, bool) -> (&'static str, Vec<OsString>),
    /// A URL that reaches the server's own database, from where others are made.
    pub(crate) maintenance: fn(u16) -> String,
}

/// How a server differs from the one that a test program shares.
#[derive(Debug, Default)]
pub struct Options {
    /// Whether what it acknowledges survives a power cut: for tests about durability. Otherwise it is quicker.
    pub durable: bool,
    /// More arguments of the server program.
    pub arguments: Vec<String>,
    /// Files to lie in [`Server::folder`] before it starts, by name: certificates and the like, readable by it alone.
    pub files: Vec<(String, Vec<u8>)>,
}

/// A running server. Dropping it ends it and deletes its folder.
#[derive(Debug)]
pub struct Server {
    kind: &'static Kind,
    options: Options,
    folder: Folder,
    port: u16,
    child: Option<Child>,
}

impl Kind {
    /// Why no server of this kind can be started here.
    pub fn missing(&self) -> Option<String> {
        let programs = [(self.initialise)(Path::new("")).0, (self.serve)(Path::new(""), 0, false).0];
        let missing = programs.into_iter().find(|program| (self.find)(program).is_none())?;
        Some(format!("{} is missing here ({missing}): apt-get install {}", self.name, self.package))
    }

    fn program(&self, name: &str) -> PathBuf {
        (self.find)(name)
            .unwrap_or_else(|| panic!("{}", self.missing().unwrap_or_else(|| format!("no {name}"))))
    }

    /// Under the engine's own account when we are root, which the servers refuse to run as.
    fn command(&self, program: &Path) -> Command {
        if !rustix::process::geteuid().is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        let account = self.account;
        command.args([&format!("--reuid={account}"), &format!("--regid={account}"), "--clear-groups", "--"]);
        command.arg(program);
        command
    }
}

impl Server {
    /// Starts one and waits until it answers.
    pub fn start(kind: &'static Kind, options: Options) -> Self {
        if let Some(why) = kind.missing() {
            panic!("{why}");
        }
        let folder = Folder::new("latchkey-");
        let mut server = Self { kind, options, folder, port: 0, child: None };
        server.lay_out();
        for _ in 0..TRIES {
            server.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if server.try_start() {
                return server;
            }
        }
        panic!("{} does not start:\n{}", kind.name, server.log());
    }

    fn lay_out(&self) {
        for (name, contents) in &self.options.files {
            std::fs::write(self.folder().join(name), contents).unwrap();
        }
        let mut own = Command::new("/bin/sh");
        own.args([
            "-c",
            r#"find "$1" -type f -exec chmod 600 {} +; [ "$(id -u)" != 0 ] || chown -R "$2": "$1""#,
            "sh",
        ]);
        assert!(own.arg(self.folder()).arg(self.kind.account).status().unwrap().success());
        let (program, arguments) = (self.kind.initialise)(self.folder());
        let mut initialise = self.kind.command(&self.kind.program(program));
        let made = initialise.args(arguments).current_dir(self.folder()).output().unwrap();
        assert!(made.status.success(), "{program}: {}", String::from_utf8_lossy(&made.stderr));
    }

    /// Whether it answers. False when it has ended by itself.
    fn try_start(&mut self) -> bool {
        let log = OpenOptions::new().create(true).append(true).open(self.folder().join("log")).unwrap();
        let (program, arguments) = (self.kind.serve)(self.folder(), self.port, self.options.durable);
        let mut command = self.kind.command(&self.kind.program(program));
        command.args(arguments).args(&self.options.arguments).current_dir(self.folder());
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).process_group(0);
        let child = self.child.insert(command.spawn().unwrap());
        self.folder.is_run_in_by(child);
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            if child.try_wait().unwrap().is_some() {
                self.child = None;
                self.folder.is_left();
                return false;
            }
            match connect(&maintenance(self.kind, self.port)) {
                Ok(_) => return true,
                Err(error) if Instant::now() > deadline => {
                    panic!("{} does not answer: {error}", self.kind.name)
                }
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Where it listens on 127.0.0.1. It stays when the server is started again.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id of the running server.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// What it has said.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.folder().join("log")).unwrap_or_default()).into_owned()
    }

    /// A URL, as its administrator, of the database of this name, which need not be there.
    pub fn url(&self, name: &str) -> String {
        let maintenance = (self.kind.maintenance)(self.port);
        let (server, _) = maintenance.rsplit_once('/').unwrap();
        format!("{server}/{name}")
    }

    /// Creates a database and tells its URL.
    pub fn create_database(&self, name: &str) -> String {
        let url = self.url(name);
        shared_service::database::create(&url.parse().unwrap()).unwrap();
        url
    }

    /// As a power cut would, but for what the operating system still writes.
    pub fn kill(&mut self) {
        // With SIGKILL PostgreSQL's other processes would go on for a moment; SIGQUIT ends them all, and writes nothing.
        self.signal(if self.kind.is_many_processes { Signal::QUIT } else { Signal::KILL });
        self.wait();
    }

    /// Starts it again after [`Server::kill`], on the same port and data.
    pub fn start_again(&mut self) {
        assert!(self.try_start(), "{} does not start again:\n{}", self.kind.name, self.log());
    }

    /// Stops it where it stands: it keeps its connections and answers nothing, until [`Server::thaw`].
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// To the server; those to stop and to go on also to the processes that it has made for its connections, after it can
    /// make no more.
    fn signal(&self, signal: Signal) {
        let pid = self.pid();
        let send = |pid: u32| {
            let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
            kill_process(pid, signal).ok();
        };
        send(pid);
        if matches!(signal, Signal::STOP | Signal::CONT) {
            let own = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
            own.split_whitespace().for_each(|child| send(child.parse().unwrap()));
        }
    }

    fn wait(&mut self) {
        let mut child = self.child.take().expect("it runs");
        let deadline = Instant::now() + STOP_TIMEOUT;
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                child.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.folder.is_left();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.folder.end(self.child.as_mut());
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn maintenance(kind: &Kind, port: u16) -> DatabaseUrl {
    let url = (kind.maintenance)(port);
    url.parse().unwrap_or_else(|error| panic!("{url} {error}"))
}

/// The first of these folders, or of those in `PATH`, that has the program.
pub(crate) fn find_in(folders: impl IntoIterator<Item = PathBuf>, program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all = folders.into_iter().chain(std::env::split_paths(&path)).chain(["/usr/sbin".into()]);
    all.map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}
