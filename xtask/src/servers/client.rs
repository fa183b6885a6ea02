//! Services that are registered at auth-server, as `up` and `demo` make them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Place;

/// Where the id and the secret of a registered service are, readable by us alone.
#[derive(Debug)]
pub(crate) struct ClientFiles {
    pub(crate) id: PathBuf,
    pub(crate) secret: PathBuf,
}

impl Place {
    /// Sees to it that a service of this name is registered with these scopes. Its files are made the first time, and
    /// made good again when the database is a new one.
    pub(crate) fn ensure_client(&self, program: &Path, name: &str, scopes: &[&str]) -> Result<ClientFiles> {
        let file = |what: &str| self.data.join(format!("{name}.client-{what}"));
        let files = ClientFiles { id: file("id"), secret: file("secret") };
        let mut command = self.auth_server(program);
        command.args(["clients", "ensure", name]);
        command.args(scopes.iter().flat_map(|scope| ["--scope", scope]));
        command.arg("--secret-file").arg(&files.secret).arg("--id-file").arg(&files.id);
        let ensured = command.output()?;
        ensure!(
            ensured.status.success(),
            "clients ensure: {}",
            String::from_utf8_lossy(&ensured.stderr).trim()
        );
        Ok(files)
    }
}

impl ClientFiles {
    /// Makes resource-api this client.
    pub(crate) fn hand_to(&self, resource_api: &mut Command) {
        resource_api
            .env("API__SERVICE__CLIENT_ID_FILE", &self.id)
            .env("API__SERVICE__CLIENT_SECRET_FILE", &self.secret);
    }

    /// The id and the secret.
    pub(crate) fn read(&self) -> Result<(String, String)> {
        let text = |path: &Path| {
            let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            anyhow::Ok(text.trim().to_owned())
        };
        Ok((text(&self.id)?, text(&self.secret)?))
    }
}
