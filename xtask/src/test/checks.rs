//! The suites that read the code without running it: format, licences, lints, features, documentation.

use std::process::Command;

use super::Outcome;
use super::crates::features_to_test;
use super::engines;
use crate::cargo::{Metadata, Package, command};

pub(super) fn format() -> Outcome {
    succeeds(command("fmt").args(["--all", "--check"]))
}

/// Licences, banned crates and sources. Advisories need a database from the network: public CI checks them.
pub(super) fn deny() -> Outcome {
    if !command("deny").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Outcome::Skipped { why: "cargo-deny is missing: cargo install --locked cargo-deny".into() };
    }
    // The crates of other platforms are part of the tree too; offline they must have been fetched.
    match succeeds(&mut command("fetch")) {
        Outcome::Passed { .. } => {
            let quietly = ["--offline", "--log-level", "error"];
            succeeds(command("deny").args(quietly).args(["check", "licenses", "bans", "sources"]))
        }
        other => other,
    }
}

pub(super) fn clippy(metadata: &Metadata) -> impl FnOnce() -> Outcome + use<> {
    let features = features_to_test(metadata);
    move || {
        let mut clippy = command("clippy");
        clippy.args(["--workspace", "--all-targets", "--features", &features]);
        succeeds(clippy.args(["--", "-D", "warnings"]))
    }
}

/// Libraries that must build with each of their features alone, and with none where that makes sense: what others use,
/// and what knows the database engines; as far as the machine can build them.
pub(super) fn features(metadata: &Metadata) -> impl FnOnce() -> Outcome + use<> {
    let alone = |package: &Package| {
        let name = package.name.clone();
        let features = package.features.keys().filter(|name| *name != "default" && engines::can_build(name));
        features.map(move |feature| (name.clone(), feature.clone())).collect::<Vec<_>>()
    };
    let libraries = metadata.packages.iter().filter(|package| package.name.starts_with("shared-"));
    let mut choices: Vec<(String, String)> = libraries.flat_map(alone).collect();
    choices.insert(0, ("shared-claims".into(), String::new()));
    move || {
        for (library, feature) in &choices {
            let mut check = command("clippy");
            check.args(["-p", library, "--lib", "--no-default-features", "--features", feature]);
            if let Outcome::Failed { why, .. } = succeeds(check.args(["--", "-D", "warnings"])) {
                return Outcome::failed(format!("{library} with `{feature}` alone: {why}"));
            }
        }
        let tried: Vec<String> =
            choices.iter().map(|(library, feature)| format!("{library}[{feature}]")).collect();
        Outcome::passed(tried.join(" "))
    }
}

pub(super) fn docs(metadata: &Metadata) -> impl FnOnce() -> Outcome + use<> {
    let features = features_to_test(metadata);
    move || {
        let mut doc = command("doc");
        doc.args(["--workspace", "--no-deps", "--features", &features]).env("RUSTDOCFLAGS", "-D warnings");
        succeeds(&mut doc)
    }
}

/// Runs a command whose output is shown as it comes.
fn succeeds(command: &mut Command) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Outcome::passed(""),
        Ok(status) => Outcome::failed(format!("{status}; its output stands above")),
        Err(error) => Outcome::failed(format!("cannot be run: {error}")),
    }
}
