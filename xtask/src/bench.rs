//! `cargo xtask bench`: builds the servers and the crate `bench`, which measures them side by side with their limits.

use std::fs::File;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::{build, command, program, target};
use crate::console::progress;
use crate::test::{Engine, has_mysql_library};

const PACKAGES: [&str; 3] = ["auth-server", "resource-api", "bench"];

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The database, a throwaway one
    #[arg(long, default_value = "sqlite")]
    engine: Engine,
    /// How long each row's requests run in all; its limits run as long again
    #[arg(long, default_value = "3", value_parser = seconds)]
    seconds: f64,
    /// What the servers log, as `RUST_LOG` has it; without it, what they log by default
    #[arg(long, value_name = "LEVELS")]
    log: Option<String>,
    /// Rows to measure; without any, all. A name that is none lists them
    names: Vec<String>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && seconds.is_finite());
    number.ok_or_else(|| "a number above 0 is needed".into())
}

/// Measures release builds.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(why) = options.engine.missing() {
        bail!(why);
    }
    progress("building what is released (the first time takes several minutes)…");
    let mut bench = prepared(true)?;
    bench.args(["--engine", options.engine.name(), "--seconds", &options.seconds.to_string()]);
    bench.args(options.log.iter().flat_map(|levels| ["--log", levels]));
    let status = bench.args(&options.names).status()?;
    ensure!(status.success(), "the measurement failed; what is wrong stands above");
    Ok(())
}

/// Goes through every row once, so that each is known to work. Nothing is said about speed.
pub(crate) fn smoke() -> Result<String> {
    let log = target().join("xtask").join("bench.log");
    std::fs::create_dir_all(target().join("xtask"))?;
    let mut bench = prepared(false)?;
    bench.args(["--seconds", "0.1", "--slices", "1", "--bcrypt-cost", "10"]);
    println!("    log: {}", log.display());
    let file = File::create(&log)?;
    let status = bench.stdout(file.try_clone()?).stderr(file).status()?;
    let said = std::fs::read_to_string(&log).with_context(|| log.display().to_string())?;
    ensure!(status.success(), "{}", said.lines().last().unwrap_or("the program bench failed"));
    Ok("every row answers as it must".into())
}

/// The program `bench`, about to measure servers that were built with it.
fn prepared(released: bool) -> Result<Command> {
    let mut cargo = command("build");
    cargo.args(PACKAGES.iter().flat_map(|package| ["-p", package]));
    if released {
        cargo.arg("--release");
    }
    if has_mysql_library() {
        cargo.args(["--features", &PACKAGES.map(|package| format!("{package}/mysql")).join(",")]);
    }
    let made = build(&mut cargo)?;
    let mut bench = Command::new(program(&made, "bench")?);
    bench.arg("run").arg("--auth-server").arg(program(&made, "auth-server")?);
    bench.arg("--resource-api").arg(program(&made, "resource-api")?);
    Ok(bench)
}
