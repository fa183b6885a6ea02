//! `cargo xtask test web-client`.

use anyhow::Result;

use super::{FOLDER, browser, types};
use crate::cargo::root;
use crate::node;
use crate::test::{Outcome, Suite};

pub(crate) fn suites() -> Vec<Suite> {
    vec![
        Suite::new("web-client/lint", || with_node(lint)),
        Suite::new("web-client/types", || with_node(types::check)),
        Suite::new("web-client/unit", || with_node(unit)),
        Suite::new("web-client/e2e", || match browser::missing() {
            Some(why) => Outcome::Skipped { why },
            None => with_node(browser::walk),
        }),
    ]
}

fn with_node(suite: impl FnOnce() -> Result<String>) -> Outcome {
    match node::missing() {
        Some(why) => Outcome::Skipped { why },
        None => node::install(&root().join(FOLDER)).and_then(|()| suite()).into(),
    }
}

/// Of what is in the built client; the same kinds that deny.toml allows, and that of the font.
const LICENCES: [&str; 6] = ["MIT", "ISC", "Apache-2.0", "BSD-3-Clause", "0BSD", "OFL-1.1"];

/// Whatever reaches a browser is under a licence that its users may take on.
fn licences() -> Result<()> {
    let lock = std::fs::read(root().join(FOLDER).join("package-lock.json"))?;
    let lock: serde_json::Value = serde_json::from_slice(&lock)?;
    for (name, package) in lock["packages"].as_object().into_iter().flatten() {
        let is_shipped = !name.is_empty() && package["dev"] != true;
        let licence = package["license"].as_str().unwrap_or("none");
        anyhow::ensure!(!is_shipped || LICENCES.contains(&licence), "{name} is under the licence {licence}");
    }
    Ok(())
}

fn lint() -> Result<String> {
    licences()?;
    node::succeeds(node::tool(FOLDER, "tsc").arg("--noEmit"))?;
    node::succeeds(node::tool(FOLDER, "eslint").args([".", "--max-warnings", "0"]))?;
    node::succeeds(node::tool(FOLDER, "prettier").args(["--check", "."]))?;
    Ok("licences, types, eslint, prettier".into())
}

fn unit() -> Result<String> {
    let mut vitest = node::tool(FOLDER, "vitest");
    vitest.args(["run", "--config", "vitest.config.ts", "--reporter", "json"]).env("NO_COLOR", "1");
    summary(&mut vitest)
}

/// Runs Vitest with its JSON report, and says how many tests passed.
pub(super) fn summary(vitest: &mut std::process::Command) -> Result<String> {
    let report = tempfile::NamedTempFile::new()?;
    vitest.args(["--reporter", "default", "--outputFile"]).arg(report.path());
    let said = node::output_if_well(vitest)?;
    let report: serde_json::Value = serde_json::from_reader(report.as_file())?;
    let count = |name: &str| report[name].as_u64().unwrap_or_default();
    let (passed, total) = (count("numPassedTests"), count("numTotalTests"));
    anyhow::ensure!(passed > 0 && passed == total, "{passed} of {total} tests passed:\n{said}");
    Ok(format!("{passed} tests"))
}
