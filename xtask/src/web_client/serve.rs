//! Building the client, and serving what was built as production would: with its security headers.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::FOLDER;
use crate::cargo::root;
use crate::node;
use crate::servers::{Interrupt, Output, Place, Process, tethered};

const READY_WITHIN: Duration = Duration::from_secs(20);

/// A built client.
#[derive(Debug)]
pub(crate) struct WebClient {
    folder: PathBuf,
}

impl WebClient {
    /// Installs what it needs, if that has changed, and builds it.
    pub(crate) fn build() -> Result<Self> {
        let folder = root().join(FOLDER);
        node::install(&folder)?;
        node::succeeds(node::tool(FOLDER, "vite").args(["build", "--logLevel", "warn"]))?;
        Ok(Self { folder })
    }

    /// Serves it for the servers of a place, at `http://localhost:<port>`.
    pub(crate) fn serve(
        &self,
        port: u16,
        place: &Place,
        output: &Output,
        interrupt: &Interrupt,
    ) -> Result<Process> {
        let mut command = tethered(&self.folder.join("node_modules/.bin/vite"));
        command
            .args(["preview", "--strictPort", "--logLevel", "warn", "--port", &port.to_string()])
            .current_dir(&self.folder)
            .env("WEB__AUTH_SERVER", place.issuer())
            .env("WEB__RESOURCE_API", place.api_url());
        let mut process = Process::start("web-client", command, output)?;
        let started = Instant::now();
        while ureq::get(format!("http://127.0.0.1:{port}/config.json")).call().is_err() {
            process.check()?;
            interrupt.check()?;
            if started.elapsed() > READY_WITHIN {
                bail!("web-client does not answer on port {port} after {} s", READY_WITHIN.as_secs());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(process)
    }
}
