//! `auth-server clients …`: services that have tokens of their own (RFC 6749 §2). Works beside running servers, which
//! read the database for each token they give.

mod credential_file;
mod ensure;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use shared_claims::Clock;
use shared_service::{
    Ids, UtcTime,
    database::{self, DbConnection, Store},
};

use self::credential_file::Prepared;
use crate::{
    audit::Recorder,
    clients::{
        ClientChange, ClientName, ClientScopes, NewClient, Occasion, Secret, changes, parse_client_id,
    },
    config::Config,
    store::{
        MIGRATIONS,
        clients::{self, Client, ClientWithSecrets},
    },
};

/// A client is named by its name or its `client_id`.
#[derive(Debug, Subcommand)]
pub(super) enum ClientsCommand {
    /// Adds a client, and prints its id and its secret, this once.
    Add {
        name: String,
        #[command(flatten)]
        scopes: ScopeArguments,
        /// Write the secret to this file, which must not exist yet (mode 0600), instead of printing it.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// Lists the clients: id, active or not, scopes, name.
    List,
    /// Tells all about a client but for its secrets: of those, when they were made.
    Show { client: String },
    /// Gives a client another name. Its id, its secrets and its tokens stay.
    Rename { client: String, name: String },
    /// Replaces the scopes. Tokens with the old ones are revoked.
    SetScopes {
        client: String,
        #[arg(required = true)]
        scopes: Vec<String>,
    },
    /// Makes a second secret and prints it, this once. The first one stays good until `end-older-secret`.
    RotateSecret {
        client: String,
        /// End all others at once, for when one has leaked.
        #[arg(long)]
        end_others: bool,
        /// Write the secret to this file (mode 0600), in place of what it holds, instead of printing it. Who owns it
        /// and who may read it stays.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// Ends the older of two secrets, when the newer is in use everywhere.
    EndOlderSecret { client: String },
    /// Keeps a client out and revokes its tokens.
    Disable { client: String },
    /// Lets a client get tokens again.
    Enable { client: String },
    /// Removes a client and revokes its tokens. No other client ever gets its id.
    Remove { client: String },
    /// Sees to it that a client is there, has the scopes given, and that the secret in a file is good; for deployments.
    /// May be run any number of times, also by several at once.
    Ensure(ensure::Wish),
}

/// What tokens of a client may allow.
#[derive(Debug, Args)]
pub(super) struct ScopeArguments {
    /// A scope that its tokens may have; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE")]
    names: Vec<String>,
}

impl ScopeArguments {
    fn parse(&self) -> anyhow::Result<ClientScopes> {
        checked_scopes(&self.names)
    }
}

/// Several may stand in one argument, with blanks between.
fn checked_scopes(names: &[String]) -> anyhow::Result<ClientScopes> {
    ClientScopes::parse(&names.join(" ")).map_err(|reason| anyhow::anyhow!("the scopes {reason}"))
}

fn checked_name(text: &str) -> anyhow::Result<ClientName> {
    ClientName::parse(text).map_err(|reason| anyhow::anyhow!("the name {reason}"))
}

pub(super) fn run(command: ClientsCommand, config: &Config) -> anyhow::Result<()> {
    let url = &config.database.url;
    let may_be_the_first = matches!(command, ClientsCommand::Add { .. } | ClientsCommand::Ensure(_));
    // To look for clients in the wrong folder must not make a database there.
    anyhow::ensure!(
        may_be_the_first || database::is_there(url),
        "there is no database {url}; is this the right folder? `auth-server db create` makes one"
    );
    MIGRATIONS.run(url)?;
    let store = Store::open(url, 1)?;
    let now_ms = Clock::system().now_ms();
    let occasion = Occasion {
        ids: Ids::new(),
        now_ms,
        revocation: config.revocation(now_ms / 1000),
        recorder: Recorder::command_line(now_ms),
    };
    let set = |client: &str, change: ClientChange| {
        with(&store, client, |c, client| changes::change(c, &client.id, &change, &occasion))
    };
    match command {
        ClientsCommand::Add { name, scopes, secret_file } => {
            let new = NewClient { id: None, name: checked_name(&name)?, scopes: scopes.parse()? };
            return add(&store, &new, secret_file, &occasion);
        }
        ClientsCommand::List => return list(&store),
        ClientsCommand::Show { client } => return show(&store, &client),
        ClientsCommand::Rename { client, name } => {
            let change = ClientChange { name: Some(checked_name(&name)?), ..ClientChange::default() };
            println!("named {client} {}", set(&client, change)?.name);
        }
        ClientsCommand::SetScopes { client, scopes } => {
            let change = ClientChange { scopes: Some(checked_scopes(&scopes)?), ..ClientChange::default() };
            println!("set the scopes {} of {client}", set(&client, change)?.scopes);
        }
        ClientsCommand::RotateSecret { client, end_others, secret_file } => {
            return rotate_secret(&store, (&client, end_others), secret_file, &occasion);
        }
        ClientsCommand::EndOlderSecret { client } => {
            with(&store, &client, |c, client| changes::end_older_secret(c, &client.id, &occasion))?;
            println!("ended the older secret of {client}; 1 secret is live now");
        }
        ClientsCommand::Disable { client } => {
            set(&client, ClientChange { is_active: Some(false), ..ClientChange::default() })?;
            println!("revoked the tokens of, and disabled {client}");
        }
        ClientsCommand::Enable { client } => {
            set(&client, ClientChange { is_active: Some(true), ..ClientChange::default() })?;
            println!("enabled {client}");
        }
        ClientsCommand::Remove { client } => {
            let removed = with(&store, &client, |c, client| changes::remove(c, &client.id, &occasion))?;
            println!("revoked the tokens of, and removed {client} ({})", removed.id);
        }
        ClientsCommand::Ensure(wish) => return ensure::run(&store, &wish, &occasion),
    }
    Ok(())
}

fn add(
    store: &Store,
    new: &NewClient,
    secret_file: Option<PathBuf>,
    occasion: &Occasion,
) -> anyhow::Result<()> {
    let secret = Secret::random()?;
    let file = secret_file.map(|path| Prepared::to_be_new(&path, secret.expose())).transpose()?;
    let name = new.name.as_str();
    let made = store.blocking_transaction::<_, anyhow::Error, _>(|c| {
        changes::add(c, new.clone(), &secret, occasion).with_context(|| format!("cannot add {name}"))
    })?;
    println!("added {name}");
    println!("client_id={}", made.id);
    match file {
        None => println!("client_secret={}", secret.expose()),
        Some(file) => file.publish_or_keep()?,
    }
    Ok(())
}

fn rotate_secret(
    store: &Store,
    (client, end_others): (&str, bool),
    secret_file: Option<PathBuf>,
    occasion: &Occasion,
) -> anyhow::Result<()> {
    let secret = Secret::random()?;
    // Nobody else writes there before this one is done: the file that is written last has the secret that was made last.
    let file = secret_file.map(|path| Prepared::in_place_of(&path, secret.expose())).transpose()?;
    let add = if end_others { changes::replace_secrets } else { changes::add_secret };
    let (changed, live) = with::<_, anyhow::Error>(store, client, |c, client| {
        let changed = add(c, &client.id, &secret, occasion)?;
        Ok((changed, clients::secrets(c, &client.id)?.len()))
    })?;
    let live = if live == 1 { "1 secret is live now".into() } else { format!("{live} secrets are live now") };
    println!("made a secret of {client}; {live}");
    println!("client_id={}", changed.id);
    match file {
        None => println!("client_secret={}", secret.expose()),
        Some(file) => file.replace_or_keep()?,
    }
    Ok(())
}

/// Does something to one client, found by name or id, in one transaction.
fn with<T, E: Into<anyhow::Error>>(
    store: &Store,
    name_or_id: &str,
    work: impl FnOnce(&mut DbConnection, &Client) -> Result<T, E>,
) -> anyhow::Result<T> {
    store.blocking_transaction(|c| {
        let client = find(c, name_or_id)?.with_context(|| format!("there is no client {name_or_id}"))?;
        work(c, &client).map_err(Into::into)
    })
}

fn find(connection: &mut DbConnection, name_or_id: &str) -> anyhow::Result<Option<Client>> {
    if parse_client_id(name_or_id).is_some() {
        return Ok(clients::find(connection, name_or_id)?);
    }
    // What cannot be a name is nobody's.
    let Ok(name) = ClientName::parse(name_or_id) else { return Ok(None) };
    Ok(clients::find_by_name(connection, name.as_str())?)
}

fn list(store: &Store) -> anyhow::Result<()> {
    for client in store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(clients::all(c)?))? {
        let state = if client.is_active { "active" } else { "inactive" };
        let scopes = if client.scopes.is_empty() { "-" } else { &client.scopes.replace(' ', ",") };
        // The name comes last: it may have blanks in it.
        println!("{} {state} {scopes} {}", client.id, client.name);
    }
    Ok(())
}

fn show(store: &Store, name_or_id: &str) -> anyhow::Result<()> {
    let found = with(store, name_or_id, |c, client| clients::find_with_secrets(c, &client.id))?;
    let ClientWithSecrets { client, secrets } = found.context("the client was removed just now")?;
    println!("client_id: {}", client.id);
    println!("name: {}", client.name);
    println!("scopes: {}", client.scopes);
    println!("active: {}", if client.is_active { "yes" } else { "no" });
    println!("created at: {}", UtcTime::from_secs(client.created_at));
    for secret in secrets {
        println!("secret made at: {}", UtcTime::from_secs(secret.created_at));
    }
    Ok(())
}
