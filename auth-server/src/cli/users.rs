//! `auth-server users add|list|set-password|set-roles|activate|deactivate`.

use std::{io::Read, path::PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use shared_claims::Clock;
use shared_service::{
    Ids,
    database::{DbConnection, Store, is_unique_violation},
};
use zeroize::Zeroizing;

use crate::{
    accounts::{NewUser, Password, Username, check_email, check_role},
    config::Config,
    store::{MIGRATIONS, sessions, users},
};

const PAGE: i64 = 500;

#[derive(Debug, Subcommand)]
pub(super) enum UsersCommand {
    /// Adds a user.
    Add {
        username: String,
        /// A role; may be given several times.
        #[arg(long = "role", default_value = "user")]
        roles: Vec<String>,
        #[arg(long)]
        email: Option<String>,
        #[command(flatten)]
        password: PasswordSource,
    },
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
    MIGRATIONS.run(&config.database.url)?;
    let store = Store::open(&config.database.url, 1)?;
    let now = Clock::system().now_secs();
    match command {
        UsersCommand::List => return list(&store),
        UsersCommand::Add { username, roles, email, password } => {
            add(&store, config, &username, roles, email, &password)?;
            println!("added {username}");
        }
        UsersCommand::SetPassword { username, password } => {
            let hash = password.read(&[&username])?.hash(config.passwords.bcrypt_cost)?;
            change(&store, &username, |c, id| {
                users::set_password(c, id, &hash)?;
                sessions::end_all(c, id, now).map(drop)
            })?;
            println!("set the password of {username} and ended the sessions");
        }
        UsersCommand::SetRoles { username, roles } => {
            let roles = checked_roles(roles)?;
            change(&store, &username, |c, id| users::set_roles(c, id, &roles))?;
            println!("set the roles of {username}");
        }
        UsersCommand::Activate { username } => {
            change(&store, &username, |c, id| users::set_active(c, id, true))?;
            println!("activated {username}");
        }
        UsersCommand::Deactivate { username } => {
            change(&store, &username, |c, id| {
                users::set_active(c, id, false)?;
                sessions::end_all(c, id, now).map(drop)
            })?;
            println!("deactivated {username} and ended the sessions");
        }
    }
    Ok(())
}

fn add(
    store: &Store,
    config: &Config,
    username: &str,
    roles: Vec<String>,
    email: Option<String>,
    password: &PasswordSource,
) -> anyhow::Result<()> {
    let name = Username::parse(username).map_err(|reason| anyhow::anyhow!("the username {reason}"))?;
    let roles = checked_roles(roles)?;
    if let Some(Err(reason)) = email.as_deref().map(check_email) {
        anyhow::bail!("the e-mail address {reason}");
    }
    let password = password.read(&[username])?;
    let hash = password.hash(config.passwords.bcrypt_cost)?;
    let now_ms = Clock::system().now_ms();
    let id = Ids::new().next(now_ms).to_string();
    let user = NewUser { username: name, password, email }.into_row(id, hash, now_ms / 1000);
    store.blocking_transaction(|c| match users::insert(c, &user, &roles) {
        Err(error) if is_unique_violation(&error) => anyhow::bail!("there is a user {username} already"),
        other => Ok(other?),
    })
}

fn checked_roles(mut roles: Vec<String>) -> anyhow::Result<Vec<String>> {
    roles.sort();
    roles.dedup();
    roles.iter().try_for_each(|role| check_role(role)).map_err(anyhow::Error::msg)?;
    Ok(roles)
}

/// Changes one user, found by name, in one transaction.
fn change(
    store: &Store,
    username: &str,
    work: impl FnOnce(&mut DbConnection, &str) -> diesel::QueryResult<()>,
) -> anyhow::Result<()> {
    store.blocking_transaction(|c| {
        let found = users::find_by_name(c, &username.to_ascii_lowercase())?;
        let found = found.with_context(|| format!("there is no user {username}"))?;
        Ok(work(c, &found.user.id)?)
    })
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
