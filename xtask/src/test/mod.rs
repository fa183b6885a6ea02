//! `cargo xtask test`: every suite of the project, one after the other, and a table at the end.

mod checks;
mod crates;
mod engines;
mod report;
mod suite;

use anyhow::{Result, ensure};
pub(crate) use engines::{Engine, has_mysql_library};
pub(crate) use suite::{Outcome, Suite};

use crate::cargo::Metadata;
use crate::{bench, demo, interop, tidy, web_client};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Suites to run: a whole name, or one of its parts (`auth-server`, `faults`); without any, all are run
    names: Vec<String>,
    /// Only say what suites there are
    #[arg(long)]
    list: bool,
}

/// With `CI` set nothing may be skipped, and the lock file must be right.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// An error when a suite failed, or in CI when one was skipped.
pub(crate) fn run(options: &Options) -> Result<()> {
    let suites = all()?;
    for name in &options.names {
        ensure!(
            suites.iter().any(|suite| suite.answers_to(name)),
            "no suite is named {name}; --list shows them"
        );
    }
    let chosen = suites
        .into_iter()
        .filter(|suite| options.names.is_empty() || options.names.iter().any(|name| suite.answers_to(name)));
    if options.list {
        chosen.for_each(|suite| println!("{}", suite.name));
        return Ok(());
    }
    report::run(chosen.collect())
}

/// Quick ones first, so that a slip is known before the long builds.
fn all() -> Result<Vec<Suite>> {
    let metadata = Metadata::load()?;
    let mut suites = vec![
        Suite::new("format", checks::format),
        Suite::new("tidy", || tidy::check().into()),
        Suite::new("deny", checks::deny),
        Suite::new("clippy", checks::clippy(&metadata)),
        Suite::new("features", checks::features(&metadata)),
        Suite::new("docs", checks::docs(&metadata)),
    ];
    suites.extend(crates::suites(&metadata));
    suites.push(Suite::new("demo", demo_walk));
    suites.push(Suite::new("bench", || bench::smoke().into()));
    suites.extend(interop::suites());
    suites.extend(web_client::suites());
    Ok(suites)
}

fn demo_walk() -> Outcome {
    crate::cargo::Programs::build().and_then(|programs| demo::walk_with(&programs)).into()
}
