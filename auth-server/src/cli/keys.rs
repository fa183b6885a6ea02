//! `auth-server keys …`. Works beside running servers, which notice within a second, and without any.

use anyhow::Context;
use clap::Subcommand;
use shared_claims::Clock;
use shared_service::{
    UtcTime,
    database::{self, Store},
};

use crate::{
    audit::Recorder,
    config::Config,
    key_audit::KeyEvent,
    tokens::{KeyFolder, KeyRing, KeyState, Keys, Kind, ListedKey, Revoked, ScheduledChange, Successor},
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
            let keys = Keys::open_with_faults(folder, rotation, clock.clone())?;
            let opened = keys.take_scheduled();
            let rotated = keys.rotate();
            for successor in rotated.iter().flatten() {
                println!("{}", planned(successor));
            }
            let events = rotated.as_deref().map(KeyEvent::of_rotation).unwrap_or_default();
            record(config, &clock, [&opened, &keys.take_scheduled()], events);
            rotated?;
            keys.reread().context("that is done, but the folder is not complete")?;
        }
        KeysCommand::Revoke { id } => {
            let keys = Keys::open_with_faults(folder, rotation, clock.clone())?;
            let opened = keys.take_scheduled();
            let revoked = keys.revoke(id);
            if let Ok(revoked) = &revoked {
                println!("{}", told(revoked, rotation.jwks_max_age().as_secs()));
            }
            let events = revoked.as_ref().map(KeyEvent::of_revocation).unwrap_or_default();
            record(config, &clock, [&opened, &keys.take_scheduled()], events);
            revoked?;
            keys.reread().context("that is done, but the folder is not complete")?;
        }
    }
    Ok(())
}

/// Writes to the audit trail what was done, if the database can be reached. The keys are changed by now, whether or not it
/// can: one that has leaked does not wait.
fn record(config: &Config, clock: &Clock, [before, after]: [&[ScheduledChange]; 2], by_hand: Vec<KeyEvent>) {
    let mut after = KeyEvent::of_schedule(after);
    // The successor of a key that was made in this very second is moved twice: past its name, and then to now.
    after.retain(|event| !by_hand.iter().any(|told| told.is_about_the_same_as(event)));
    let events = [KeyEvent::of_schedule(before), by_hand, after].concat();
    if events.is_empty() {
        return;
    }
    let recorder = Recorder::command_line(clock.now_ms());
    let url = &config.database.url;
    let write = || {
        // To change keys must not make a database.
        anyhow::ensure!(database::is_there(url), "there is no database {url}");
        Store::open(url, 1)?.blocking_transaction(|c| {
            events.iter().try_for_each(|event| Ok::<_, anyhow::Error>(event.write(c, &recorder)?))
        })
    };
    if let Err(error) = write() {
        let cause = format!("{error:#}");
        eprintln!("warning: this was done, but not recorded in the audit trail: {}", cause.trim_end());
    }
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
