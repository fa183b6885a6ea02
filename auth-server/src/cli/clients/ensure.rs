//! `auth-server clients ensure`.
//!
//! The secret's file is written before the database: after a crash in between, the next run makes good what it finds. The
//! id's file is written after it, and says what the database says. So neither a crash nor others who do the same at once
//! leave behind what another run would not put right.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use shared_service::database::{Store, is_transient};

use super::{
    super::retry::{is_passing, retried},
    ScopeArguments, checked_name,
    credential_file::{self, Prepared},
};
use crate::{
    clients::{
        ClientChangeError, Done, EnsureError, Occasion, Secret, WantedClient, ensure, may_ensure,
        parse_client_id,
    },
    store::clients::Client,
};

#[derive(Debug, Args)]
pub(in super::super) struct Wish {
    name: String,
    /// The client has exactly the scopes given; without any it keeps those that it has.
    #[command(flatten)]
    scopes: ScopeArguments,
    /// The file with the client's secret. It is made (mode 0600) when it is missing; when it is there, its secret becomes
    /// good, unless it was ended, and the older of two others ends.
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// The file with the client's id. It is made when it is missing; when it is there, a client that is made gets that id,
    /// and one that is there must have it.
    #[arg(long, value_name = "FILE")]
    id_file: Option<PathBuf>,
}

pub(super) fn run(store: &Store, wish: &Wish, occasion: &Occasion) -> anyhow::Result<()> {
    for file in [Some(&wish.secret_file), wish.id_file.as_ref()].into_iter().flatten() {
        credential_file::folder_of(file)?;
    }
    let wanted = WantedClient {
        name: checked_name(&wish.name)?,
        scopes: if wish.scopes.names.is_empty() { None } else { Some(wish.scopes.parse()?) },
        id: wish.id_file.as_deref().map(id_in).transpose()?.flatten(),
    };
    // What is refused leaves no new file behind.
    let looked = store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(may_ensure(c, &wanted)?));
    looked.map_err(|error| advise(error, wish))?;
    let secret = secret_in(&wish.secret_file)?;
    let (client, done) = ensured(store, &wanted, &secret, occasion).map_err(|error| advise(error, wish))?;
    tell(&client, &done);
    wish.id_file.as_deref().map_or(Ok(()), |path| write_id(path, &client))?;
    for file in [Some(&wish.secret_file), wish.id_file.as_ref()].into_iter().flatten() {
        credential_file::remove_leftovers(file);
    }
    Ok(())
}

fn ensured(
    store: &Store,
    wanted: &WantedClient,
    secret: &Secret,
    occasion: &Occasion,
) -> anyhow::Result<(Client, Vec<Done>)> {
    retried(
        || store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(ensure(c, wanted, secret, occasion)?)),
        |error| is_passing(error) || error.downcast_ref().is_some_and(passes),
    )
}

/// Whoever came first with the same name is there now, so that the next try finds him.
fn passes(error: &EnsureError) -> bool {
    match error {
        EnsureError::Change(ClientChangeError::Query(error)) => is_transient(error),
        EnsureError::Change(ClientChangeError::NameTaken) => true,
        _ => false,
    }
}

fn id_in(path: &Path) -> anyhow::Result<Option<String>> {
    let Some(text) = credential_file::read(path, false)? else { return Ok(None) };
    anyhow::ensure!(
        parse_client_id(&text).is_some(),
        "{} holds no client_id, which is svc_ and a UUID in lower case without hyphens; delete it and it is written anew",
        path.display()
    );
    Ok(Some(text.to_string()))
}

/// The secret that the file holds; a new one is written when there is no file. Of several who do so at once, the file of
/// the first one counts for all.
fn secret_in(path: &Path) -> anyhow::Result<Secret> {
    if let Some(found) = read_secret(path)? {
        return Ok(found);
    }
    let made = Secret::random()?;
    if Prepared::new(path, made.expose())?.publish()? {
        println!("made {} with a new secret", path.display());
        return Ok(made);
    }
    read_secret(path)?.with_context(|| format!("{} has come and gone", path.display()))
}

fn read_secret(path: &Path) -> anyhow::Result<Option<Secret>> {
    let Some(text) = credential_file::read(path, true)? else { return Ok(None) };
    let parsed = Secret::parse(&text);
    let advise =
        |reason| anyhow::anyhow!("the secret in {} {reason}; or delete it for a new one", path.display());
    parsed.map(Some).map_err(advise)
}

fn write_id(path: &Path, client: &Client) -> anyhow::Result<()> {
    let written = match id_in(path)? {
        Some(id) => id,
        None if Prepared::new(path, &client.id)?.publish()? => return Ok(()),
        None => id_in(path)?.unwrap_or_default(),
    };
    anyhow::ensure!(written == client.id, "{} holds another id than {}", path.display(), client.id);
    Ok(())
}

fn tell(client: &Client, done: &[Done]) {
    let Client { name, id, scopes, .. } = client;
    println!("the client {name} is {id}");
    for each in done {
        match each {
            Done::Made => println!("it is new"),
            Done::ScopesReplaced => {
                println!("its scopes are now: {scopes}; tokens with the old ones are revoked");
            }
            Done::SecretAdded => println!("the secret in the file is good from now on"),
            Done::OlderSecretEnded => println!("the older of its two secrets has ended to make room"),
        }
    }
    if done.is_empty() {
        println!("nothing had to be changed");
    }
}

/// What to do about a refusal.
fn advise(error: anyhow::Error, wish: &Wish) -> anyhow::Error {
    let name = &wish.name;
    let secret_file = wish.secret_file.display();
    let id_file = wish.id_file.as_deref().unwrap_or(Path::new("")).display();
    match error.downcast_ref() {
        Some(EnsureError::Inactive) => anyhow::anyhow!(
            "the client {name} is switched off; `auth-server clients enable` lets it in again, and nothing was changed"
        ),
        Some(EnsureError::OtherId(id)) => anyhow::anyhow!(
            "the client {name} is {id}, which is not what {id_file} holds; delete that file and it is written anew"
        ),
        Some(EnsureError::IdUsed) => anyhow::anyhow!(
            "the id in {id_file} is that of another client or of one that was removed; delete the file for a new id"
        ),
        Some(EnsureError::SecretEnded) => anyhow::anyhow!(
            "the secret in {secret_file} was ended, by somebody or to make room for another, and is never good again; \
             delete the file, or put another secret in, and run this again. Nothing was changed"
        ),
        _ => error,
    }
}
