//! nginx with the configuration that docs/nginx.conf recommends.

use std::{
    net::TcpStream,
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, geteuid, kill_process};

const RECOMMENDED: &str = include_str!("../../../docs/nginx.conf");
const START_TIMEOUT: Duration = Duration::from_secs(10);

/// The ports are given, because auth-servers must know theirs before they start.
pub(super) struct Ports {
    pub(super) auth: u16,
    pub(super) api: u16,
}

pub(super) struct Balancer(Child);

impl Balancer {
    /// Asks these instances in turn.
    pub(super) fn start(folder: &Path, ports: &Ports, auth: &[String], api: &[String]) -> Self {
        let configuration = folder.join("nginx.conf");
        std::fs::write(&configuration, complete(folder, &http(ports, auth, api))).unwrap();
        let log = folder.join("nginx.log");
        let mut nginx = super::mortal(nginx());
        nginx.arg("-e").arg(&log).arg("-c").arg(&configuration).arg("-p").arg(folder);
        let mut started = Self(nginx.spawn().unwrap());
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect(("127.0.0.1", ports.auth)).is_err() {
            let ended = started.0.try_wait().unwrap();
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            assert!(ended.is_none() && Instant::now() < deadline, "nginx does not start:\n{said}");
            std::thread::sleep(Duration::from_millis(10));
        }
        started
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        // Not SIGKILL, which its worker would outlive.
        kill_process(Pid::from_child(&self.0), Signal::TERM).ok();
        self.0.wait().ok();
    }
}

fn nginx() -> &'static str {
    let candidates = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx"];
    candidates
        .into_iter()
        .find(|path| Path::new(path).is_file())
        .expect("nginx is missing here: apt-get install nginx-light")
}

/// The recommended configuration with our addresses; what it has more instances than we is left out.
fn http(ports: &Ports, auth: &[String], api: &[String]) -> String {
    let mut text = RECOMMENDED
        .replace("listen 8081;", &format!("listen 127.0.0.1:{};", ports.auth))
        .replace("listen 8082;", &format!("listen 127.0.0.1:{};", ports.api));
    for (index, address) in auth.iter().enumerate() {
        text = text.replace(&format!("10.0.0.{}:8081", 1 + index), address);
    }
    for (index, address) in api.iter().enumerate() {
        text = text.replace(&format!("10.0.0.{}:8082", 4 + index), address);
    }
    text.lines().filter(|line| !line.contains("10.0.0.")).collect::<Vec<_>>().join("\n")
}

/// What Debian's own file has around it: here one that stays in the foreground and in a folder. Each answer tells which
/// instance it comes from.
fn complete(folder: &Path, http: &str) -> String {
    let user = if geteuid().is_root() { "user root root;" } else { "" };
    let folder = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {folder}/nginx-{what};"))
        .join("\n");
    format!(
        "daemon off;\n{user}\nworker_processes 1;\npid {folder}/nginx.pid;\nevents {{ worker_connections 1024; }}\n\
         http {{\naccess_log {folder}/nginx-access.log;\n{temporary}\n\
         add_header X-Upstream $upstream_addr always;\n{http}\n}}\n"
    )
}
