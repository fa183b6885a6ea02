//! `cargo xtask seed` and `cargo xtask scale`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what a command prints is its purpose")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::ensure;
use clap::{Parser, Subcommand};
use scale::{
    check::{Findings, Wanted, check, measure},
    seed::{Databases, PASSWORD, Size, fill},
};
use test_servers::Engine;

#[derive(Parser)]
#[command(about = "Fills databases, looks at the plan of every statement, measures requests")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill two empty databases with users, sessions, posts and all that belongs to them
    Seed {
        /// auth-server's database: sqlite://…, postgres://… or mysql://…
        #[arg(long, value_name = "URL")]
        auth: String,
        /// resource-api's
        #[arg(long, value_name = "URL")]
        api: String,
        #[command(flatten)]
        size: Size,
        /// bcrypt's cost of the password that all users have
        #[arg(long, default_value_t = 12)]
        bcrypt_cost: u32,
    },
    /// Measure requests on databases that `seed` has filled, beside those of a small one
    ///
    /// The small pair is made on a throwaway server, and a ratio means something only if the server of the large pair has
    /// the same settings. On PostgreSQL: `fsync=off`, `full_page_writes=off`, `wal_level=minimal`, `max_wal_senders=0`,
    /// `max_wal_size=4GB`. On MariaDB: `innodb-flush-log-at-trx-commit=0`, `innodb-flush-method=nosync`,
    /// `innodb-doublewrite=0`, `innodb-file-per-table=0`, `innodb-log-file-size=1G`. Memory for pages (`shared_buffers`,
    /// `innodb-buffer-pool-size`) is 128 MB there, which holds all of the small pair; the large pair is to have enough for its indices. Both are to be
    /// on this machine, without TLS. SQLite has no server: its files are to be on the disk of the folder for temporary
    /// files.
    #[command(verbatim_doc_comment)]
    Measure {
        /// Their engine: sqlite, postgres or mysql
        #[arg(long)]
        engine: Engine,
        /// auth-server's database
        #[arg(long, value_name = "URL")]
        auth: String,
        /// resource-api's
        #[arg(long, value_name = "URL")]
        api: String,
        #[command(flatten)]
        size: Size,
    },
    /// On throwaway servers: look at the plan of every statement, and measure requests beside those of a small database
    Check {
        /// Which engine: sqlite, postgres or mysql
        #[arg(long)]
        engine: Engine,
        #[command(flatten)]
        size: Size,
        /// Look at plans, and measure nothing
        #[arg(long)]
        plans_only: bool,
        /// Where the plans are written to
        #[arg(long, default_value = "target/xtask")]
        output: PathBuf,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    match run(CommandLine::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Seed { auth, api, size, bcrypt_cost } => {
            let seeded = fill(&Databases::at(&auth, &api)?, size, bcrypt_cost)?;
            println!("{} rows in {} s", seeded.rows, seeded.took.as_secs());
            println!(
                "users are User0000000, User0000001 …; the first ten are administrators; every password is: {PASSWORD}"
            );
            Ok(())
        }
        Command::Measure { engine, auth, api, size } => {
            tell(&measure(engine, &Databases::at(&auth, &api)?, size).await?)
        }
        Command::Check { engine, size, plans_only, output } => {
            tell(&check(Wanted { engine, size, cost: !plans_only }, &output).await?)
        }
    }
}

fn tell(found: &Findings) -> anyhow::Result<()> {
    for line in &found.summary {
        println!("{line}");
    }
    for fault in &found.faults {
        println!("fault: {fault}");
    }
    ensure!(found.faults.is_empty(), "{} faults", found.faults.len());
    Ok(())
}
