//! `auth-server db create|migrate|drop|status|restored`.

use clap::Subcommand;
use shared_claims::Clock;
use shared_service::{
    cli::DbCommand,
    database::{self, Store},
};

use super::retry::{is_passing, retried};
use crate::{audit::Recorder, config::Config, sessions::after_restoring, store::MIGRATIONS};

#[derive(Debug, Subcommand)]
pub(super) enum DatabaseCommand {
    #[command(flatten)]
    Shared(DbCommand),
    /// To be run after the database was restored from a copy: ends every session and revokes every access token, because
    /// the copy does not know which had ended since it was made.
    Restored,
}

pub(super) fn run(command: &DatabaseCommand, config: &Config) -> anyhow::Result<()> {
    match command {
        DatabaseCommand::Shared(command) => command.run(&config.database.url, MIGRATIONS),
        DatabaseCommand::Restored => restored(config),
    }
}

fn restored(config: &Config) -> anyhow::Result<()> {
    let url = &config.database.url;
    anyhow::ensure!(
        database::is_there(url),
        "there is no database {url}; is this the right folder? Restore it first"
    );
    MIGRATIONS.run(url)?;
    let now_ms = Clock::system().now_ms();
    let recorder = Recorder::command_line(now_ms);
    let restore = |c: &mut _| Ok(after_restoring(c, now_ms / 1000, &recorder)?);
    let store = Store::open(url, 1)?;
    let done = retried(|| store.blocking_transaction::<_, anyhow::Error, _>(restore), is_passing)?;
    println!("ended every session of the copy ({}): users log in again", done.ended);
    println!("revoked all access tokens: status lists begin anew at {}", done.first_list);
    Ok(())
}
