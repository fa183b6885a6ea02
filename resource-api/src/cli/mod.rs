//! The command line: `serve` (the default), `db`, `config check`, `openapi`, `health`.
#![expect(clippy::print_stderr, reason = "the command line speaks to a person")]

use std::{path::PathBuf, process::ExitCode};

use actix_web::web::{self, Data};
use clap::{Parser, Subcommand};
use shared_claims::Clock;
use shared_service::{
    cli::{DbCommand, environment, print},
    config::ConfigError,
    health, logging, server,
};

use crate::{
    app::{self, AppState},
    config::Config,
    directory::UserDirectory,
    openapi,
    store::MIGRATIONS,
};

/// Settings come from built-in defaults, then --config, then API__… in the environment.
#[derive(Debug, Parser)]
#[command(
    name = "resource-api",
    version,
    about = "Posts, follows and timelines, protected by tokens that auth-server signs."
)]
struct Arguments {
    /// A settings file (TOML).
    #[arg(long, global = true, value_name = "FILE", env = "API_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server (the default).
    Serve,
    /// Creates, migrates, drops the database, or tells its state.
    #[command(subcommand)]
    Db(DbCommand),
    /// Looks at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prints the description of the API (OpenAPI, as JSON). Needs no settings.
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
    let Err(error) = execute(Arguments::parse()).await else { return ExitCode::SUCCESS };
    eprintln!("error: {error:#}");
    if error.is::<ConfigError>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}

async fn execute(arguments: Arguments) -> anyhow::Result<()> {
    let config = || Config::load(arguments.config.as_deref(), environment());
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            let config = config()?;
            logging::init();
            serve(config).await
        }
        Command::Db(command) => command.run(&config()?.database.url, MIGRATIONS),
        Command::Config(ConfigCommand::Check) => {
            let config = config()?;
            config.auth.verifier(Clock::system())?;
            UserDirectory::new(&config, Clock::system())?;
            Ok(print(&toml::to_string(&config)?)?)
        }
        Command::Openapi => Ok(print(&(openapi::document().to_pretty_json()? + "\n"))?),
        Command::Health => health::probe(config()?.listen.0).await,
    }
}

/// Runs the server until SIGTERM or Ctrl-C.
async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = server::bind(config.listen)?;
    let state = web::block(|| AppState::open(config, Clock::system())).await??;
    Ok(app::serve(Data::new(state), listener)?.await?)
}
