//! Where a pair of servers lives: its ports, its folders, and the settings and accounts that follow from them.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::process::tethered;

/// Everything that differs between `up` in the working folder and a throwaway pair.
#[derive(Debug)]
pub(crate) struct Place {
    /// The host name in the URLs that the servers publish; both listen on 127.0.0.1.
    pub(crate) host: &'static str,
    pub(crate) auth_port: u16,
    pub(crate) api_port: u16,
    pub(crate) data: PathBuf,
    pub(crate) keys: PathBuf,
    /// Whether `AUTH__…` and `API__…` variables of the caller's own reach the servers.
    pub(crate) inherits_settings: bool,
}

/// An account that `up` and `demo` make, as named in the README.
#[derive(Debug)]
pub(crate) struct DemoUser {
    pub(crate) name: &'static str,
    pub(crate) password: &'static str,
    pub(crate) roles: &'static [&'static str],
}

pub(crate) const DEMO_USER: DemoUser =
    DemoUser { name: "test_user_1", password: "Happy123", roles: &["user"] };
pub(crate) const DEMO_ADMIN: DemoUser =
    DemoUser { name: "test_admin", password: "LessHappy123", roles: &["user", "admin"] };

impl Place {
    /// A pair on free ports with everything in `folder`, untouched by the caller's own settings.
    pub(crate) fn throwaway(folder: &Path) -> Result<Self> {
        let [auth_port, api_port] = free_ports()?;
        let (data, keys) = (folder.join("data"), folder.join("keys"));
        let place = Self { host: "127.0.0.1", auth_port, api_port, data, keys, inherits_settings: false };
        place.make_folders()?;
        Ok(place)
    }

    pub(crate) fn make_folders(&self) -> Result<()> {
        for folder in [&self.data, &self.keys] {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        keep_others_from_writing(&self.keys)
    }

    /// auth-server's own URL, which is also the `iss` of its tokens.
    pub(crate) fn issuer(&self) -> String {
        format!("http://{}:{}", self.host, self.auth_port)
    }

    pub(crate) fn api_url(&self) -> String {
        format!("http://{}:{}", self.host, self.api_port)
    }

    pub(crate) fn auth_server(&self, program: &Path) -> Command {
        let mut command = self.server(program);
        command
            .env("AUTH__LISTEN", format!("127.0.0.1:{}", self.auth_port))
            .env("AUTH__ISSUER", self.issuer())
            .env("AUTH__DATABASE__URL", self.database("auth.db"))
            .env("AUTH__KEYS__DIR", &self.keys);
        command
    }

    pub(crate) fn resource_api(&self, program: &Path) -> Command {
        let mut command = self.server(program);
        command
            .env("API__LISTEN", format!("127.0.0.1:{}", self.api_port))
            .env("API__PUBLIC_URL", self.api_url())
            .env("API__DATABASE__URL", self.database("api.db"))
            .env("API__AUTH__ISSUER", self.issuer());
        command
    }

    fn server(&self, program: &Path) -> Command {
        let mut command = tethered(program);
        command.current_dir(crate::cargo::root());
        if !self.inherits_settings {
            let ours = |name: &str| name.starts_with("AUTH__") || name.starts_with("API__");
            for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
                command.env_remove(name);
            }
        }
        command
    }

    fn database(&self, file: &str) -> String {
        format!("sqlite://{}", self.data.join(file).display())
    }

    /// Makes an account from the command line, unless there is one of that name.
    pub(crate) fn ensure_user(&self, program: &Path, user: &DemoUser) -> Result<()> {
        let listed = self.auth_server(program).args(["users", "list"]).output()?;
        ensure!(listed.status.success(), "users list: {}", String::from_utf8_lossy(&listed.stderr).trim());
        let listed = String::from_utf8_lossy(&listed.stdout);
        if listed.lines().any(|line| line.split_whitespace().next() == Some(user.name)) {
            return Ok(());
        }
        let mut add = self.auth_server(program);
        add.args(["users", "add", user.name, "--password-stdin"]);
        add.args(user.roles.iter().flat_map(|role| ["--role", role]));
        let mut adding = add.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let Some(mut stdin) = adding.stdin.take() {
            stdin.write_all(user.password.as_bytes())?;
        }
        let added = adding.wait_with_output()?;
        ensure!(added.status.success(), "users add: {}", String::from_utf8_lossy(&added.stderr).trim());
        Ok(())
    }
}

/// auth-server refuses a keys folder that others may write to, which a checkout under umask 002 is.
fn keep_others_from_writing(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder)?.permissions().mode();
    if mode & 0o022 != 0 {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode & 0o755))
            .with_context(|| format!("cannot make {} unwritable to others", folder.display()))?;
    }
    Ok(())
}

/// Ports that nothing listened on a moment ago. An issuer's URL must be known before its server starts, so that the
/// server cannot choose the port itself.
pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let listeners: Vec<_> = (0..N).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<Result<_, _>>()?;
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}
