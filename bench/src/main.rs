//! `cargo xtask bench`: what a request costs the server, beside what its unavoidable part costs alone.
//!
//! A number by itself says more of the machine than of the server. So each row is measured in short slices that alternate
//! with slices of its limit (the signature, the hash, the bare framework, the database's own commit), and the ratio of the
//! two is what counts: whatever else the machine does hits both.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a command prints is its purpose")]

mod accounts;
mod bare;
mod database;
mod http;
mod limits;
mod load;
mod machine;
mod measure;
mod process;
mod proportions;
mod revocations;
mod rows;
mod table;
mod world;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Result, ensure};
use clap::Parser;
use test_servers::Engine;

use crate::{limits::Limits, measure::Plan, proportions::Section, world::World};

#[derive(Parser)]
#[command(about = "Measures the servers side by side with their limits", disable_help_subcommand = true)]
enum CommandLine {
    /// Measure
    Run(Options),
    /// Serve the bare endpoint that the servers are compared with
    Bare { port: u16 },
}

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The auth-server to measure
    #[arg(long, value_name = "FILE")]
    auth_server: PathBuf,
    /// The resource-api to measure
    #[arg(long, value_name = "FILE")]
    resource_api: PathBuf,
    /// sqlite, postgres or mysql
    #[arg(long, default_value = "sqlite")]
    engine: Engine,
    /// How long each row's requests run in all, and each row's limits as long again
    #[arg(long, default_value = "3", value_parser = seconds)]
    seconds: Duration,
    /// Into how many slices that is cut
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    slices: u32,
    /// The bcrypt cost of passwords
    #[arg(long, default_value_t = 12)]
    bcrypt_cost: u32,
    /// What the servers log, as `RUST_LOG` has it; without it, what they log by default
    #[arg(long)]
    log: Option<String>,
    /// Rows to measure; without any, all
    names: Vec<String>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let duration = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| !duration.is_zero()).ok_or_else(|| "a number above 0 is needed".into())
}

fn main() -> ExitCode {
    let done = match CommandLine::parse() {
        CommandLine::Run(options) => run(&options),
        CommandLine::Bare { port } => bare::serve(port),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let chosen = |name: &str| options.names.is_empty() || options.names.iter().any(|chosen| chosen == name);
    let known: Vec<&str> =
        rows::ALL.iter().map(|row| row.name).chain(Section::ALL.map(Section::name)).collect();
    for name in &options.names {
        ensure!(known.contains(&name.as_str()), "no row is named {name}; there are {}", known.join(", "));
    }
    let plan = Plan { slice: options.seconds / options.slices, slices: options.slices };
    table::print_conditions(options, plan);

    eprintln!("starting the servers, and making accounts…");
    let world = World::start(options)?;
    let mut limits = Limits::prepare(options, &world)?;
    let idle = proportions::Memory::of(&world)?;
    table::print_head();
    for row in rows::ALL.iter().filter(|row| chosen(row.name)) {
        let load = row.load(&world)?;
        table::print_row(row, &measure::alternate(load, &mut limits, plan)?);
    }
    let after = proportions::Memory::of(&world)?;
    for section in Section::ALL.into_iter().filter(|section| chosen(section.name())) {
        section.print(&world, &idle, &after)?;
    }
    Ok(())
}
