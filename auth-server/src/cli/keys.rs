//! `auth-server keys list`.

use clap::Subcommand;
use shared_claims::Clock;
use shared_service::UtcTime;

use crate::{
    config::Config,
    tokens::{KeyFolder, Keys},
};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Lists the signing keys: id, state, and from when on each signs.
    List,
}

pub(super) fn run(command: &KeysCommand, config: &Config) -> anyhow::Result<()> {
    let KeysCommand::List = command;
    let clock = Clock::system();
    let keys = Keys::open(KeyFolder::open(&config.keys.dir)?, config.rotation(), clock.clone())?;
    for (key, state) in keys.ring().keys(clock.now_secs()) {
        println!(
            "{} {:7} {}",
            key.kid(),
            format!("{state:?}").to_lowercase(),
            UtcTime::from_secs(key.activates_at())
        );
    }
    Ok(())
}
