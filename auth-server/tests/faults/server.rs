//! The real program, started, killed and started again on one port and one folder.

use std::{
    fs::OpenOptions,
    net::TcpListener,
    process::{Child, Command},
    sync::Arc,
    time::{Duration, Instant},
};

use test_servers::Database;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// What servers share.
struct Place {
    folder: tempfile::TempDir,
    database: Database,
}

pub(crate) struct Server {
    place: Arc<Place>,
    settings: &'static [(&'static str, &'static str)],
    port: u16,
    child: Child,
}

impl Server {
    pub(crate) fn start(settings: &'static [(&'static str, &'static str)]) -> Self {
        let place = Place { folder: tempfile::tempdir().unwrap(), database: Database::empty() };
        Self::start_in(Arc::new(place), settings)
    }

    /// Another one on the same database and keys.
    pub(crate) fn start_beside(&self) -> Self {
        Self::start_in(self.place.clone(), self.settings)
    }

    fn start_in(place: Arc<Place>, settings: &'static [(&'static str, &'static str)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = spawn(&place, port, settings);
        let server = Self { place, settings, port, child };
        server.wait_until_ready();
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn restart(&mut self) {
        self.child = spawn(&self.place, self.port, self.settings);
        self.wait_until_ready();
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.place.folder.path().join("log")).unwrap()
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + START_TIMEOUT;
        let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        let ready = || {
            client.get(format!("{}/health/ready", self.url())).send().is_ok_and(|r| r.status().is_success())
        };
        while !ready() {
            assert!(Instant::now() < deadline, "the server did not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn spawn(place: &Place, port: u16, settings: &[(&str, &str)]) -> Child {
    let log = OpenOptions::new().create(true).append(true).open(place.folder.path().join("log")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_auth-server"))
        .env("AUTH__LISTEN", format!("127.0.0.1:{port}"))
        .env("AUTH__DATABASE__URL", place.database.url())
        .env("AUTH__KEYS__DIR", place.folder.path().join("keys"))
        .env("AUTH__PASSWORDS__BCRYPT_COST", "10")
        // Every refresh advances the chain, so that each acknowledged one must be in the database.
        .env("AUTH__SESSIONS__REFRESH_GRACE", "0s")
        // As fast as it goes, from one address.
        .env("AUTH__LIMITS__ENABLED", "false")
        .env("RUST_LOG", "warn")
        .envs(settings.iter().copied())
        .stderr(log)
        .spawn()
        .unwrap()
}
