//! Which crate may know which: the direction in ARCHITECTURE.md, read from `cargo metadata`.

use std::collections::BTreeSet;

use super::Finding;
use crate::cargo::{Dependency, Metadata, Package};

/// From, to, and whether tests are excepted.
const FORBIDDEN: [(&str, &str, Tests); 5] = [
    ("shared-claims", "shared-service", Tests::Too),
    ("shared-service", "shared-claims", Tests::Too),
    ("shared-claims", "auth-server", Tests::Too),
    ("shared-service", "auth-server", Tests::Too),
    ("resource-api", "auth-server", Tests::Excepted),
];

#[derive(Clone, Copy, PartialEq)]
enum Tests {
    Too,
    Excepted,
}

pub(super) fn check(metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (from, to, tests) in FORBIDDEN {
        if reaches(metadata, from, to, tests) {
            let kinds = if tests == Tests::Too { "" } else { ", but in tests" };
            findings.push(Finding::error(
                from,
                format!("must not depend on {to}{kinds}, nor through another crate"),
            ));
        }
    }
    findings
        .extend(metadata.packages.iter().filter(|package| package.name == "shared-claims").flat_map(lean));
    findings
}

/// Whether `from` depends on `to`, directly or through other crates of the workspace.
fn reaches(metadata: &Metadata, from: &str, to: &str, tests: Tests) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(from, tests == Tests::Too)];
    while let Some((name, with_tests)) = open.pop() {
        let package = metadata.packages.iter().find(|package| package.name == name);
        for dependency in package.into_iter().flat_map(|package| &package.dependencies) {
            let counts = with_tests || dependency.kind.as_deref() != Some("dev");
            if counts && dependency.name == to {
                return true;
            }
            if counts && seen.insert(dependency.name.as_str()) {
                open.push((&dependency.name, false));
            }
        }
    }
    false
}

/// Whoever takes only the claims types from us gets serde and nothing else.
fn lean(package: &Package) -> Vec<Finding> {
    let always = |dependency: &&Dependency| dependency.kind.is_none() && !dependency.optional;
    let mut findings: Vec<_> = package
        .dependencies
        .iter()
        .filter(always)
        .filter(|dependency| dependency.name != "serde")
        .map(|dependency| {
            Finding::error(&package.name, format!("without features needs {}", dependency.name))
        })
        .collect();
    if package.features.get("default").is_some_and(|features| !features.is_empty()) {
        findings.push(Finding::error(&package.name, "has default features"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>, bool)], default: &[&str]) -> Value {
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(name, kind, optional)| json!({ "name": name, "kind": kind, "optional": optional }))
            .collect();
        json!({ "name": name, "manifest_path": "", "targets": [], "dependencies": dependencies,
                "features": { "default": default } })
    }

    fn findings(packages: &[Value]) -> Vec<String> {
        let metadata = serde_json::from_value(json!({ "packages": packages })).unwrap();
        check(&metadata).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn the_intended_direction_is_accepted() {
        let good = [
            package("shared-claims", &[("serde", None, false), ("actix-web", None, true)], &[]),
            package("shared-service", &[("actix-web", None, false)], &[]),
            package("auth-server", &[("shared-claims", None, false), ("shared-service", None, false)], &[]),
            package(
                "resource-api",
                &[("shared-claims", None, false), ("auth-server", Some("dev"), false)],
                &[],
            ),
        ];
        assert!(findings(&good).is_empty());
    }

    #[test]
    fn the_two_leaves_do_not_know_each_other_not_even_in_tests() {
        assert_eq!(
            findings(&[package("shared-claims", &[("shared-service", Some("dev"), false)], &[])]),
            ["shared-claims"]
        );
        assert_eq!(
            findings(&[package("shared-service", &[("shared-claims", None, true)], &[])]),
            ["shared-service"]
        );
    }

    #[test]
    fn resource_api_depends_on_auth_server_in_tests_alone() {
        assert_eq!(
            findings(&[package("resource-api", &[("auth-server", None, false)], &[])]),
            ["resource-api"]
        );
        assert_eq!(
            findings(&[package("resource-api", &[("auth-server", Some("build"), false)], &[])]),
            ["resource-api"]
        );
        let detour = [
            package("resource-api", &[("gateway", None, false)], &[]),
            package("gateway", &[("auth-server", None, false)], &[]),
        ];
        assert_eq!(findings(&detour), ["resource-api"]);
    }

    #[test]
    fn shared_claims_alone_is_serde() {
        assert_eq!(
            findings(&[package("shared-claims", &[("reqwest", None, false)], &[])]),
            ["shared-claims"]
        );
        assert_eq!(
            findings(&[package("shared-claims", &[("serde", None, false)], &["verifier"])]),
            ["shared-claims"]
        );
    }
}
