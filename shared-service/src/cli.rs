//! What the command lines of both servers have in common: `db …`, reading the environment, and writing documents.
#![expect(clippy::print_stdout, reason = "a command line speaks to a person")]

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use clap::Subcommand;

use crate::database::{DatabaseUrl, Migrations, create, drop_database};

/// `db create|migrate|drop|status`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Creates the database and migrates it.
    Create,
    /// Runs the migrations that are missing. `serve` does so by itself.
    Migrate,
    /// Deletes the database and everything in it. Stop the servers that use it first.
    Drop {
        /// Really.
        #[arg(long)]
        yes: bool,
    },
    /// Lists the migrations and whether they have been run.
    Status,
}

impl DbCommand {
    /// Does it, and tells what was done.
    pub fn run(&self, url: &DatabaseUrl, migrations: Migrations) -> anyhow::Result<()> {
        match self {
            Self::Create => {
                create(url).with_context(|| format!("cannot create {url}"))?;
                println!("created {url}");
                migrate(url, migrations)?;
            }
            Self::Migrate => migrate(url, migrations)?,
            Self::Drop { yes: false } => {
                anyhow::bail!("this deletes {url} and everything in it; add --yes to do so")
            }
            Self::Drop { yes: true } => {
                drop_database(url).with_context(|| format!("cannot drop {url}"))?;
                println!("dropped {url}");
            }
            Self::Status => {
                for migration in migrations.status(url)? {
                    println!("{} {}", if migration.applied { "applied" } else { "missing" }, migration.name);
                }
            }
        }
        Ok(())
    }
}

fn migrate(url: &DatabaseUrl, migrations: Migrations) -> anyhow::Result<()> {
    let run = migrations.run(url)?;
    match run.as_slice() {
        [] => println!("nothing to migrate"),
        names => names.iter().for_each(|name| println!("migrated {name}")),
    }
    Ok(())
}

/// Writes a document to the standard output. Whoever stops reading it, as `head` does, has what he wants.
pub fn print(document: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(document.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// The environment. A value that is not Unicode is passed on mangled, for its setting's own check to refuse.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}
