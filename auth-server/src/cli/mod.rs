//! The command line: `serve` (the default), `db`, `users`, `clients`, `keys`, `audit`, `config check`, `openapi`,
//! `health`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the command line speaks to a person")]

mod audit;
mod clients;
mod db;
mod keys;
mod retry;
mod serve;
mod users;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use shared_service::{
    cli::{environment, print},
    config::ConfigError,
    health, logging,
};

use crate::{config::Config, openapi};

/// Settings come from built-in defaults, then --config, then AUTH__… in the environment.
#[derive(Debug, Parser)]
#[command(
    name = "auth-server",
    version,
    about = "Keeps users, signs tokens, publishes what others need to check them."
)]
struct Arguments {
    /// A settings file (TOML).
    #[arg(long, global = true, value_name = "FILE", env = "AUTH_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server (the default).
    Serve,
    /// Creates, migrates, drops the database, tells its state, or follows its restoration.
    #[command(subcommand)]
    Db(db::DatabaseCommand),
    /// Adds, lists and changes users.
    #[command(subcommand)]
    Users(users::UsersCommand),
    /// Adds, lists and changes services that have tokens of their own.
    #[command(subcommand)]
    Clients(clients::ClientsCommand),
    /// Lists, rotates and revokes signing keys and refresh secrets.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Tells who did what, when, from where: the latest events, the newest last.
    Audit(audit::AuditCommand),
    /// Looks at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prints the description of the API (OpenAPI 3.1), as the running server has it at /openapi.json.
    Openapi,
    /// Asks the running server whether it is ready: exit code 0 when it is.
    Health,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Prints the effective settings, secrets hidden, or what is wrong with them.
    Check,
}

/// Runs the program. Exit code 2: a setting or an argument is wrong; 1: anything else.
pub async fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Some(Command::Openapi)) {
        return tell(print_description());
    }
    let config = match Config::load(arguments.config.as_deref(), environment()) {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    tell(execute(arguments.command.unwrap_or(Command::Serve), config).await)
}

fn tell(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Needs no settings, so that it works where the server is only built.
fn print_description() -> anyhow::Result<()> {
    Ok(print(&(openapi::document().to_pretty_json()? + "\n"))?)
}

async fn execute(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Serve => {
            logging::init();
            serve::run(config).await
        }
        Command::Db(command) => db::run(&command, &config),
        Command::Users(command) => users::run(command, &config),
        Command::Clients(command) => clients::run(command, &config),
        Command::Keys(command) => keys::run(&command, &config),
        Command::Audit(command) => audit::run(&command, &config),
        Command::Config(ConfigCommand::Check) => Ok(print(&toml::to_string(&config)?)?),
        Command::Openapi => print_description(),
        Command::Health => health::probe(config.listen.0).await,
    }
}

fn refuse(error: &ConfigError) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(2)
}
