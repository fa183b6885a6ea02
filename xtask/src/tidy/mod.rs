//! `cargo xtask tidy`: the rules of the house that a compiler does not know (ARCHITECTURE.md, CONTRIBUTING.md).

mod dependencies;
mod migrations;
mod sources;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::cargo::{Metadata, root};
use crate::console::{Colour, paint};

/// A place where a rule is broken, or for a warning, where somebody should look.
#[derive(Debug, PartialEq)]
struct Finding {
    place: String,
    what: String,
    warning: bool,
}

impl Finding {
    fn error(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), warning: false }
    }

    fn warning(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), warning: true }
    }
}

pub(crate) fn run() -> Result<()> {
    println!("{}", check()?);
    Ok(())
}

/// Prints every finding. An error when a rule is broken; otherwise a summary.
pub(crate) fn check() -> Result<String> {
    let root = root();
    let mut findings = dependencies::check(&Metadata::load()?);
    for folder in folders_in(&root)? {
        findings.extend(migrations::check(&folder.join("migrations"))?);
    }
    let files = files_in(&root)?;
    for path in &files {
        let shown = path.strip_prefix(&root).unwrap_or(path);
        findings.extend(sources::check(shown, &std::fs::read_to_string(path)?));
    }
    findings.extend(sources::folders_without_introduction(&files));
    for finding in &findings {
        let mark =
            if finding.warning { paint(Colour::Yellow, "warning") } else { paint(Colour::Red, "error") };
        println!("{mark}: {}: {}", finding.place, finding.what);
    }
    let warnings = findings.iter().filter(|finding| finding.warning).count();
    let errors = findings.len() - warnings;
    ensure!(errors == 0, "{errors} rules of the house are broken");
    Ok(format!("{} files in order, {warnings} warnings", files.len()))
}

/// Folders that are made or downloaded, not written.
const NOT_OURS: [&str; 5] = ["target", "node_modules", "data", "dist", "keys"];

fn folders_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let (name, path) = entry.map(|entry| (entry.file_name(), entry.path()))?;
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&name.as_ref()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Every source file of ours under a folder, in a language whose rules are checked.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if path.is_file() && sources::LANGUAGES.contains(&extension) {
            found.push(path);
        }
    }
    for subfolder in folders_in(folder)? {
        found.extend(files_in(&subfolder)?);
    }
    found.sort();
    Ok(found)
}
