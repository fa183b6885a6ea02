//! Node and npm: whether they are here, and what a lock file pins.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::cargo::root;

const HOW_TO_GET_IT: &str =
    "Node 20.19, 22.13, 24 or newer with npm: https://nodejs.org, or your system's packages";

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

/// What all that package-lock.json pins runs on: 20.19 and later of 20, 22.13 and later of 22, 24 and later.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 13,
        (Some(major), Some(_)) => major >= 24,
        _ => false,
    }
}

fn output_of(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Installs in this folder what its package-lock.json pins.
pub(crate) fn install(folder: &Path) -> Result<()> {
    once(folder, "package-lock.json", "node_modules", || {
        succeeds(Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(folder))
    })
}

/// Installs anew only when the file that pins the versions has changed since it last went well, or the folder that was
/// installed is gone. The stamp stands inside that folder, and goes with it.
pub(crate) fn once(
    folder: &Path,
    pins: &str,
    installed: &str,
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = folder.join(installed).join(format!(".{pins}.installed"));
    let wanted = std::fs::read(folder.join(pins))?;
    if std::fs::read(&stamp).is_ok_and(|last| last == wanted) {
        return Ok(());
    }
    install()?;
    Ok(std::fs::write(stamp, wanted)?)
}

/// A program that a package brought, in the folder of that package.
pub(crate) fn tool(folder: &str, name: &str) -> Command {
    let folder = root().join(folder);
    let mut command = Command::new(folder.join("node_modules/.bin").join(name));
    command.current_dir(folder);
    command
}

/// Runs it; what it said is told when it ends badly.
pub(crate) fn succeeds(command: &mut Command) -> Result<()> {
    output_if_well(command).map(drop)
}

/// The same, for whoever wants to know what it wrote to its standard output.
pub(crate) fn output_if_well(command: &mut Command) -> Result<String> {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().display().to_string();
    let output = command.output().with_context(|| format!("{name} does not run"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    // Without its arguments and its environment, which may hold what nobody should read.
    ensure!(
        output.status.success(),
        "{name} ended with {}: {}\n{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    Ok(text(&output.stdout))
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn versions_that_the_web_client_takes() {
        for version in ["v20.19.0", "v20.20.2", "v22.13.0", "v24.0.0", "v26.1.0"] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["v18.20.4", "v20.18.9", "v21.7.0", "v22.12.0", "v23.11.1", "v24", "", "unknown"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }
}
