//! Node and npm: whether they are here, and what a lock file pins.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo::{root, target};

const HOW_TO_GET_IT: &str =
    "Node 20.19, 22.12 or newer with npm: https://nodejs.org, or your system's packages";

/// What is missing to run Node's programs, in words that tell how to get it.
pub(crate) fn missing() -> Option<String> {
    let Some(version) = output_of("node", "--version") else {
        return Some(format!("node is missing: install {HOW_TO_GET_IT}"));
    };
    if !is_new_enough(&version) {
        return Some(format!("node {version} is too old: install {HOW_TO_GET_IT}"));
    }
    if output_of("npm", "--version").is_none() {
        return Some(format!("npm is missing: install {HOW_TO_GET_IT}"));
    }
    None
}

/// What Vite runs on: 20.19 and later of 20, 22.12 and later.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (Some(major), Some(_)) => major > 22,
        _ => false,
    }
}

fn output_of(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Installs in this folder what its package-lock.json pins.
pub(crate) fn install(folder: &Path) -> Result<()> {
    once(folder, "package-lock.json", || {
        succeeds(Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(folder))
    })
}

/// Installs anew only when the file that pins the versions has changed since it last went well, or what was installed is
/// gone.
pub(crate) fn once(folder: &Path, pins: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = stamp_of(folder, pins);
    let wanted = std::fs::read(folder.join(pins))?;
    let is_there = pins != "package-lock.json" || folder.join("node_modules").is_dir();
    if is_there && std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    if let Some(parent) = stamp.parent() {
        std::fs::create_dir_all(parent)?;
    }
    Ok(std::fs::write(stamp, wanted)?)
}

/// Outside the folder, which may be one of the sources.
fn stamp_of(folder: &Path, pins: &str) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    target().join("xtask").join(format!("{name}-{pins}.installed"))
}

/// A program that a package brought, in the folder of that package.
pub(crate) fn tool(folder: &str, name: &str) -> Command {
    let folder = root().join(folder);
    let mut command = Command::new(folder.join("node_modules/.bin").join(name));
    command.current_dir(folder);
    command
}

/// Runs it; what it said when it ends badly, and what it said when it did not.
pub(crate) fn succeeds(command: &mut Command) -> Result<()> {
    said_by(command).map(drop)
}

/// The same, for whoever wants to know what it said.
pub(crate) fn said_by(command: &mut Command) -> Result<String> {
    let output =
        command.output().with_context(|| format!("{} does not run", command.get_program().display()))?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    ensure!(output.status.success(), "{command:?}: {said}");
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_that_vite_runs_on() {
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v24.0.0", "v26.1.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0", "v23", "", "unknown"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
