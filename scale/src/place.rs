//! A pair of databases of each size, on a throwaway server or in a folder, gone with this value.

use anyhow::ensure;
use test_servers::{Engine, Folder, Options, Server};

use crate::seed::Databases;

/// Where everything is kept.
pub(crate) struct Place {
    server: Option<Server>,
    /// Gone however this program ends: a full size on SQLite is gigabytes.
    pub(crate) folder: Folder,
}

impl Place {
    /// `cache` is how much memory a server may keep pages in, in megabytes.
    pub(crate) fn new(engine: Engine, cache: u64) -> anyhow::Result<Self> {
        let folder = Folder::new("latchkey-scale-");
        let Some(kind) = engine.kind() else { return Ok(Self { server: None, folder }) };
        if let Some(why) = kind.missing() {
            anyhow::bail!(why);
        }
        let arguments = match engine {
            Engine::Mysql => {
                vec![format!("--innodb-buffer-pool-size={cache}M"), "--innodb-log-file-size=1G".into()]
            }
            _ => ["-c".into(), format!("shared_buffers={cache}MB"), "-c".into(), "max_wal_size=4GB".into()]
                .into(),
        };
        let server = Server::start(kind, Options { arguments, ..Options::default() });
        Ok(Self { server: Some(server), folder })
    }

    /// A pair, of which there is nothing yet.
    pub(crate) fn databases(&self, name: &str) -> anyhow::Result<Databases> {
        ensure!(name.bytes().all(|byte| byte.is_ascii_lowercase()), "{name} is to be a plain word");
        let url = |of: &str| match &self.server {
            Some(server) => server.create_database(&format!("{of}_{name}")),
            None => format!("sqlite://{}", self.folder.path().join(format!("{of}_{name}.db")).display()),
        };
        Databases::at(&url("auth"), &url("api"))
    }
}
