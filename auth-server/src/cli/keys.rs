//! `auth-server keys list`.

use clap::Subcommand;
use shared_claims::Clock;
use shared_service::UtcTime;

use crate::{
    config::Config,
    tokens::{KeyFolder, KeyRing},
};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Lists the signing keys: id, state, and from when on each signs.
    List,
}

pub(super) fn run(command: &KeysCommand, config: &Config) -> anyhow::Result<()> {
    let KeysCommand::List = command;
    let now = Clock::system().now_secs();
    let folder = &config.keys.dir;
    anyhow::ensure!(folder.exists(), "there is no folder {}; the first `serve` makes it", folder.display());
    let ring = KeyRing::read(&KeyFolder::open(folder)?, now)?;
    for (key, state) in ring.keys(now) {
        println!(
            "{} {:7} {}",
            key.kid(),
            format!("{state:?}").to_lowercase(),
            UtcTime::from_secs(key.activates_at())
        );
    }
    Ok(())
}
