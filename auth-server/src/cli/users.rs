//! `auth-server users add|list|set-password|set-roles|activate|deactivate`.

use std::{io::Read, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use shared_claims::Clock;
use shared_service::{
    Ids,
    database::{self, DbConnection, Store, is_unique_violation},
};
use zeroize::Zeroizing;

use crate::{
    accounts::{
        Change, ChangeError, NewUser, Password, Roles, Username,
        changes::{self, Wanted},
        check_email,
    },
    audit::{Event, Recorder},
    config::Config,
    store::{
        MIGRATIONS,
        users::{self, User},
    },
};

const PAGE: i64 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum UsersCommand {
    /// Adds a user.
    Add(Addition),
    /// Lists the users: name, roles, active or not, id.
    List,
    /// Sets a password and ends the user's sessions.
    SetPassword {
        username: String,
        #[command(flatten)]
        password: PasswordSource,
    },
    /// Replaces the roles; they show at the next refresh.
    SetRoles {
        username: String,
        #[arg(required = true)]
        roles: Vec<String>,
    },
    /// Lets a user log in again.
    Activate { username: String },
    /// Keeps a user out and ends his sessions.
    Deactivate { username: String },
}

#[derive(Debug, Args)]
pub(super) struct Addition {
    username: String,
    /// A role; may be given several times.
    #[arg(long = "role", default_value = "user")]
    roles: Vec<String>,
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    password: PasswordSource,
}

/// Passwords are not arguments: other users of the machine would see those.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct PasswordSource {
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from a file.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordSource {
    /// The password; one that is easy to guess is obeyed with a warning, since whoever runs this may have his reasons.
    fn read(&self, about_the_user: &[&str]) -> anyhow::Result<Password> {
        let mut text = Zeroizing::new(String::new());
        match &self.password_file {
            Some(path) => {
                *text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
            }
            None => std::io::stdin().read_to_string(&mut text).map(drop)?,
        }
        let password = Password::chosen(text.trim_end_matches(['\r', '\n']))
            .map_err(|reason| anyhow::anyhow!("the password {reason}"))?;
        if password.is_weak(about_the_user) {
            eprintln!("warning: this password is easy to guess");
        }
        Ok(password)
    }
}

pub(super) fn run(command: UsersCommand, config: &Config) -> anyhow::Result<()> {
    let url = &config.database.url;
    // To look for users in the wrong folder must not make a database there.
    anyhow::ensure!(
        matches!(command, UsersCommand::Add(_)) || database::is_there(url),
        "there is no database {url}; is this the right folder? `auth-server db create` makes one"
    );
    MIGRATIONS.run(url)?;
    let store = Store::open(url, 1)?;
    let change = change_now(config);
    match command {
        UsersCommand::List => list(&store),
        UsersCommand::Add(addition) => add(&store, config, addition),
        UsersCommand::SetPassword { username, password } => {
            set_password(&store, config, &username, &password)
        }
        UsersCommand::SetRoles { username, roles } => {
            let roles = checked_roles(config, roles)?;
            let done = format!("set the roles {} of", roles.join(","));
            update(&store, &username, &done, &Wanted::roles(roles), &change)
        }
        UsersCommand::Activate { username } => {
            update(&store, &username, "activated", &Wanted::active(true), &change)
        }
        UsersCommand::Deactivate { username } => {
            let done = "ended the sessions of, and deactivated";
            update(&store, &username, done, &Wanted::active(false), &change)
        }
    }
}

/// What goes with a change that is made now.
fn change_now(config: &Config) -> Change {
    let now_ms = Clock::system().now_ms();
    Change { revocation: config.revocation(now_ms / 1000), recorder: Recorder::command_line(now_ms) }
}

fn add(store: &Store, config: &Config, addition: Addition) -> anyhow::Result<()> {
    let Addition { username: name, roles, email, password } = addition;
    let username = Username::parse(&name).map_err(|reason| anyhow::anyhow!("the username {reason}"))?;
    let roles = checked_roles(config, roles)?;
    if let Some(Err(reason)) = email.as_deref().map(check_email) {
        anyhow::bail!("--email {reason}");
    }
    let password = password.read(&[&name])?;
    let hash = password.hash(config.passwords.bcrypt_cost)?;
    let now_ms = Clock::system().now_ms();
    let id = Ids::new().next(now_ms).to_string();
    let user = NewUser { username, password, email }.into_row(id, hash, now_ms / 1000);
    let recorder = Recorder::command_line(now_ms);
    store.blocking_transaction(|c| match changes::add(c, &user, &roles, Event::UserCreated, &recorder) {
        Err(error) if is_unique_violation(&error) => anyhow::bail!("there is a user {name} already"),
        other => Ok(other?),
    })?;
    println!("added {name}");
    Ok(())
}

fn set_password(store: &Store, config: &Config, name: &str, password: &PasswordSource) -> anyhow::Result<()> {
    // Nobody is asked for the password of somebody who is not there.
    find(store, name)?;
    let hash = password.read(&[name])?.hash(config.passwords.bcrypt_cost)?;
    let change = change_now(config);
    alter(store, name, "ended the sessions of, and set the password of", |c, user| {
        changes::set_password(c, user, &hash, None, &change)
    })
}

fn update(store: &Store, name: &str, done: &str, wanted: &Wanted, change: &Change) -> anyhow::Result<()> {
    alter(store, name, done, |c, user| changes::update(c, &user.id, wanted, change).map(drop))
}

/// Roles are names, and one that grants nothing may be wanted; more often it is a slip.
fn checked_roles(config: &Config, roles: Vec<String>) -> anyhow::Result<Roles> {
    let roles = Roles::parse(roles).map_err(anyhow::Error::msg)?;
    for role in roles.iter().filter(|role| !config.roles.contains_key(*role)) {
        eprintln!("warning: the role {role} grants nothing; the settings know {:?}", config.roles.keys());
    }
    Ok(roles)
}

/// Changes one user, found by name, in one transaction, and tells what was done.
fn alter(
    store: &Store,
    name: &str,
    done: &str,
    work: impl FnOnce(&mut DbConnection, &User) -> Result<(), ChangeError>,
) -> anyhow::Result<()> {
    let user = find(store, name)?;
    store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(work(c, &user)?))?;
    println!("{done} {name}");
    Ok(())
}

fn find(store: &Store, name: &str) -> anyhow::Result<User> {
    let key = name.to_ascii_lowercase();
    let found = store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(users::find_by_name(c, &key)?))?;
    found.map(|found| found.user).with_context(|| format!("there is no user {name}"))
}

fn list(store: &Store) -> anyhow::Result<()> {
    let mut after = String::new();
    loop {
        let page =
            store.blocking_transaction::<_, anyhow::Error, _>(|c| Ok(users::list(c, &after, PAGE)?))?;
        for each in &page {
            let state = if each.user.is_active { "active" } else { "inactive" };
            println!("{} {} {state} {}", each.user.username, each.roles.join(","), each.user.id);
        }
        match page.last() {
            Some(last) => after.clone_from(&last.user.username_key),
            None => return Ok(()),
        }
    }
}
