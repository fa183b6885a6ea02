//! `cargo xtask seed` and `cargo xtask scale`: build the crate `scale` and let it work.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::cargo::{build, command, program, target};
use crate::console::progress;
use crate::test::has_mysql_library;

const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

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
    /// Only this engine: sqlite, postgres or mysql
    #[arg(long)]
    engine: Option<String>,
    /// More: --users N --posts N --follows N --seed N --plans-only
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    more: Vec<String>,
}

/// Fills two empty databases.
pub(crate) fn seed(options: &SeedOptions) -> Result<()> {
    let mut seed = prepared()?;
    seed.args(["seed", "--auth", &options.auth, "--api", &options.api]).args(&options.more);
    ensure!(seed.status()?.success(), "the databases were not filled; what is wrong stands above");
    Ok(())
}

/// Looks at every plan, and measures, on throwaway servers of every engine.
pub(crate) fn check(options: &ScaleOptions) -> Result<()> {
    let mut failed = Vec::new();
    for engine in
        ENGINES.into_iter().filter(|engine| options.engine.as_deref().is_none_or(|only| only == *engine))
    {
        let mut check = prepared()?;
        check.args(["check", "--engine", engine, "--output"]).arg(target().join("xtask")).args(&options.more);
        if !check.status()?.success() {
            failed.push(engine);
        }
    }
    ensure!(failed.is_empty(), "not as it should be: {}; what is wrong stands above", failed.join(", "));
    Ok(())
}

/// The program `scale`, as a release is built.
fn prepared() -> Result<Command> {
    progress("building (the first time takes several minutes)…");
    let mut cargo = command("build");
    cargo.args(["-p", "scale", "--release"]);
    if has_mysql_library() {
        cargo.args(["--features", "mysql"]);
    }
    Ok(Command::new(program(&build(&mut cargo)?, "scale")?))
}
