//! `cargo xtask seed` and `cargo xtask scale`: build the crate `scale` and let it work.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::cargo::{build, command, program, target};
use crate::console::progress;
use crate::test::{Engine, has_mysql_library};

#[derive(clap::Args)]
pub(crate) struct SeedOptions {
    /// auth-server's database, which must be empty: sqlite://…, postgres://… or mysql://…
    #[arg(long, value_name = "URL")]
    auth: String,
    /// resource-api's
    #[arg(long, value_name = "URL")]
    api: String,
    /// More: --users N --posts N --follows N --seed N --bcrypt-cost N
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    more: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct ScaleOptions {
    /// Only this engine; without it, all that this machine has
    #[arg(long)]
    engine: Option<Engine>,
    /// More: --users N --posts N --follows N --seed N --plans-only
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    more: Vec<String>,
}

/// Fills two empty databases.
pub(crate) fn seed(options: &SeedOptions) -> Result<()> {
    let mut seed = Command::new(build_scale()?);
    seed.args(["seed", "--auth", &options.auth, "--api", &options.api]).args(&options.more);
    ensure!(seed.status()?.success(), "the databases were not filled; what is wrong stands above");
    Ok(())
}

/// Looks at every plan, and measures, on throwaway servers of every engine, one after the other.
pub(crate) fn check(options: &ScaleOptions) -> Result<()> {
    let engines = match options.engine {
        Some(only) if let Some(why) = only.missing() => bail!(why),
        Some(only) => vec![only],
        None => all_that_are_here(),
    };
    let program = build_scale()?;
    let mut failed = Vec::new();
    for engine in engines.into_iter().map(Engine::name) {
        let mut check = Command::new(&program);
        check.args(["check", "--engine", engine, "--output"]).arg(target().join("xtask")).args(&options.more);
        if !check.status()?.success() {
            failed.push(engine);
        }
    }
    ensure!(failed.is_empty(), "not as it should be: {}; what is wrong stands above", failed.join(", "));
    Ok(())
}

/// Says which are not.
fn all_that_are_here() -> Vec<Engine> {
    let is_here = |engine: &Engine| {
        let missing = engine.missing();
        if let Some(why) = &missing {
            progress(&format!("without {}: {why}", engine.name()));
        }
        missing.is_none()
    };
    Engine::ALL.into_iter().filter(is_here).collect()
}

/// The program `scale`, as a release is built.
fn build_scale() -> Result<PathBuf> {
    progress("building (the first time takes several minutes)…");
    let mut cargo = command("build");
    cargo.args(["-p", "scale", "--release"]);
    if has_mysql_library() {
        cargo.args(["--features", "mysql"]);
    }
    program(&build(&mut cargo)?, "scale")
}
