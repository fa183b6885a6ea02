//! `auth-server db create|migrate|drop|status`.

use clap::Subcommand;
use shared_service::database::{create, drop_database};

use crate::{config::Config, store::MIGRATIONS};

#[derive(Debug, Subcommand)]
pub(super) enum DbCommand {
    /// Creates the database and migrates it.
    Create,
    /// Runs the migrations that are missing. `serve` does so by itself.
    Migrate,
    /// Deletes the database and everything in it.
    Drop {
        /// Really.
        #[arg(long)]
        yes: bool,
    },
    /// Lists the migrations and whether they have been run.
    Status,
}

pub(super) fn run(command: &DbCommand, config: &Config) -> anyhow::Result<()> {
    let url = &config.database.url;
    match command {
        DbCommand::Create => {
            create(url)?;
            println!("created {url}");
            migrate(config)?;
        }
        DbCommand::Migrate => migrate(config)?,
        DbCommand::Drop { yes: false } => {
            anyhow::bail!("this deletes {url} with every user in it; add --yes to do so")
        }
        DbCommand::Drop { yes: true } => {
            drop_database(url)?;
            println!("dropped {url}");
        }
        DbCommand::Status => {
            for migration in MIGRATIONS.status(url)? {
                println!("{} {}", if migration.applied { "applied" } else { "missing" }, migration.name);
            }
        }
    }
    Ok(())
}

fn migrate(config: &Config) -> anyhow::Result<()> {
    let run = MIGRATIONS.run(&config.database.url)?;
    match run.as_slice() {
        [] => println!("nothing to migrate"),
        names => names.iter().for_each(|name| println!("migrated {name}")),
    }
    Ok(())
}
