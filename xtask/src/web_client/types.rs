//! The client's types of both APIs, as openapi-typescript makes them of what `<server> openapi` prints.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::FOLDER;
use crate::cargo::{Programs, root};
use crate::console::progress;
use crate::node;

/// `cargo xtask types`.
pub(crate) fn write() -> Result<()> {
    if let Some(why) = node::missing() {
        anyhow::bail!(why);
    }
    progress("building the servers…");
    for (committed, fresh) in made_anew()? {
        std::fs::write(&committed, fresh)?;
        progress(&format!("wrote {}", committed.strip_prefix(root()).unwrap_or(&committed).display()));
    }
    Ok(())
}

/// Whether the types in the sources are those of the servers.
pub(super) fn check() -> Result<String> {
    for (committed, fresh) in made_anew()? {
        let is_true = std::fs::read(&committed).is_ok_and(|types| types == fresh.as_bytes());
        let name = committed.strip_prefix(root()).unwrap_or(&committed).display();
        ensure!(
            is_true,
            "{name} is not what the server's document says: run `cargo xtask types` and commit it"
        );
    }
    Ok("the client's types are those of both OpenAPI documents".into())
}

fn made_anew() -> Result<Vec<(PathBuf, String)>> {
    let programs = Programs::build()?;
    node::install(&root().join(FOLDER))?;
    let folder = tempfile::Builder::new().prefix("latchkey-types-").tempdir()?;
    let servers = [("auth-server", &programs.auth_server), ("resource-api", &programs.resource_api)];
    servers
        .into_iter()
        .map(|(name, program)| {
            let document = folder.path().join(format!("{name}.json"));
            std::fs::write(&document, node::output_if_well(Command::new(program).arg("openapi"))?)?;
            let committed = root().join(FOLDER).join(format!("src/api/{name}.generated.ts"));
            Ok((committed, types_of(&document)?))
        })
        .collect()
}

fn types_of(document: &Path) -> Result<String> {
    let types = document.with_extension("ts");
    node::succeeds(node::tool(FOLDER, "openapi-typescript").arg(document).arg("-o").arg(&types))?;
    Ok(std::fs::read_to_string(types)?)
}
