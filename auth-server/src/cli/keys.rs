//! `auth-server keys …`. Works beside running servers, which notice within a second, and without any.

use clap::Subcommand;
use shared_claims::Clock;
use shared_service::UtcTime;

use crate::{
    config::Config,
    tokens::{KeyFolder, KeyRing, KeyState, Keys, Kind, ListedKey, Revoked, Successor},
};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Lists signing keys and refresh secrets: id, state, from when on each is in use, what it is.
    List,
    /// Lets the next signing key and the next refresh secret take over as soon as services know them.
    Rotate,
    /// Drops a signing key or refresh secret that has leaked, at once.
    Revoke {
        /// As `keys list` tells it.
        #[arg(allow_hyphen_values = true)]
        id: String,
    },
}

pub(super) fn run(command: &KeysCommand, config: &Config) -> anyhow::Result<()> {
    let path = &config.keys.dir;
    anyhow::ensure!(
        path.exists(),
        "there is no folder {}; is this the right place (AUTH__KEYS__DIR)? The first `serve` makes it",
        path.display()
    );
    let folder = KeyFolder::open(path)?;
    let (rotation, clock) = (config.rotation(), Clock::system());
    match command {
        KeysCommand::List => {
            let now = clock.now_secs();
            let ring = KeyRing::read(&folder, &rotation, now)?;
            for key in ring.list(now) {
                print(&key);
            }
            if let Some(fault) = ring.fault() {
                anyhow::bail!("not listed: {fault}");
            }
        }
        KeysCommand::Rotate => {
            for successor in Keys::open_with_faults(folder, rotation, clock)?.rotate()? {
                println!("{}", planned(&successor));
            }
        }
        KeysCommand::Revoke { id } => {
            let revoked = Keys::open_with_faults(folder, rotation, clock)?.revoke(id)?;
            println!("{}", told(&revoked, rotation.jwks_max_age().as_secs()));
        }
    }
    Ok(())
}

fn print(key: &ListedKey) {
    let from = key.activates_at.map_or("by hand".into(), |at| UtcTime::from_secs(at).to_string());
    println!("{:43} {:7} {from:20} {}", key.id, key.state, key.kind);
}

fn planned(successor: &Successor) -> String {
    let Successor { kind, id, activates_at, was_later } = successor;
    let from = UtcTime::from_secs(*activates_at);
    if *was_later {
        format!("the {kind} {id} comes into use at {from}")
    } else {
        format!("the {kind} {id} comes into use at {from}, as it was planned already")
    }
}

fn told(revoked: &Revoked, max_age: u64) -> String {
    let Revoked { kind, id, state, successor } = revoked;
    let mut lines = vec![format!("revoked the {kind} {id}, which was {state}")];
    if let Some(next) = successor {
        lines.push(format!("the {kind} {} is in use from now on", next.id));
    }
    lines.push("running servers notice within about a second".into());
    lines.push(match (kind, state) {
        (Kind::SigningKey, KeyState::Next) => "it had signed nothing".into(),
        (Kind::SigningKey, _) => format!(
            "services refuse what it signed within {max_age} s more; their users get new tokens by a refresh"
        ),
        (Kind::RefreshSecret, KeyState::Next) => "no refresh token was made with it".into(),
        (Kind::RefreshSecret, _) => {
            "refresh tokens made with it are refused; who has one of those logs in again".into()
        }
    });
    lines.join("\n")
}
