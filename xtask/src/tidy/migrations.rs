//! One database schema on three engines: each has the same migrations, and each can be taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use super::{Finding, folders_in};

const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// Checks a crate's `migrations` folder, if it has one.
pub(super) fn check(folder: &Path) -> Result<Vec<Finding>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let (mut findings, mut names) = (Vec::new(), BTreeMap::new());
    for engine in ENGINES {
        let engine_folder = folder.join(engine);
        let migrations = if engine_folder.is_dir() { folders_in(&engine_folder)? } else { Vec::new() };
        for migration in &migrations {
            for file in ["up.sql", "down.sql"] {
                let sql = std::fs::read_to_string(migration.join(file)).unwrap_or_default();
                if sql.trim().is_empty() {
                    findings.push(Finding::error(migration.display().to_string(), format!("has no {file}")));
                }
            }
        }
        let of_engine: BTreeSet<_> =
            migrations.iter().filter_map(|path| path.file_name().map(ToOwned::to_owned)).collect();
        names.insert(engine, of_engine);
    }
    let all: BTreeSet<_> = names.values().flatten().collect();
    for (engine, of_engine) in &names {
        for missing in all.iter().filter(|name| !of_engine.contains(**name)) {
            let what = format!("{engine} lacks the migration {}", missing.display());
            findings.push(Finding::error(folder.display().to_string(), what));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A migrations folder in which every engine has `first`.
    fn sample() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for engine in ENGINES {
            add(folder.path(), engine, "first");
        }
        folder
    }

    fn add(folder: &Path, engine: &str, name: &str) {
        let migration = folder.join(engine).join(name);
        std::fs::create_dir_all(&migration).unwrap();
        std::fs::write(migration.join("up.sql"), "CREATE TABLE t (id TEXT);").unwrap();
        std::fs::write(migration.join("down.sql"), "DROP TABLE t;").unwrap();
    }

    #[test]
    fn the_same_migrations_on_every_engine_are_accepted() {
        assert!(check(sample().path()).unwrap().is_empty());
        assert!(check(Path::new("/nonexistent")).unwrap().is_empty());
    }

    #[test]
    fn a_migration_that_one_engine_lacks_is_found() {
        let folder = sample();
        add(folder.path(), "sqlite", "second");
        add(folder.path(), "mysql", "second");
        let findings = check(folder.path()).unwrap();
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].what, "postgres lacks the migration second");
    }

    #[test]
    fn a_migration_that_cannot_be_taken_back_is_found() {
        let folder = sample();
        std::fs::write(folder.path().join("mysql/first/down.sql"), "\n").unwrap();
        assert_eq!(check(folder.path()).unwrap()[0].what, "has no down.sql");
    }
}
