//! What changes an account, with all that it does to sessions and tokens and with what the audit trail says of it. Every
//! way to such a change (the user's own endpoints, an administrator's, the command line) leads through here.
//!
//! Each function is called in a transaction and writes before it reads, on the guard or on the user's row: from then on
//! no login and no other change of the same user comes between. A change that is refused has written nothing, and one that
//! changes nothing revokes nothing and is not recorded.

use diesel::QueryResult;
use shared_service::{database::DbConnection, request::RequestOrigin};

use super::Roles;
use crate::{
    app::AppState,
    audit::{Actor, Event, Recorder},
    store::{
        guards, sessions,
        statuses::Revocation,
        users::{self, User, UserWithRoles},
    },
};

/// The role without which nobody could administrate.
pub const ADMIN: &str = "admin";

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It is no longer as it was verified.
    #[error("the account was changed at the same time")]
    Outdated,
    /// There is none of this id.
    #[error("there is no such user")]
    Absent,
    /// Nobody could administrate afterwards.
    #[error("this is the last active administrator; give the role to somebody else first")]
    LastAdmin,
    /// The database failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

/// What goes with a change, whatever it is.
#[derive(Debug, Clone)]
pub struct Change {
    /// How the tokens are revoked that it makes outdated.
    pub revocation: Revocation,
    /// Who makes it, and where that is written down.
    pub recorder: Recorder,
}

impl Change {
    /// One that `actor` makes by a request.
    pub fn new(state: &AppState, actor: Actor, origin: RequestOrigin) -> Self {
        Self { revocation: state.revocation(), recorder: state.recorder(actor, origin) }
    }

    fn record(
        &self,
        connection: &mut DbConnection,
        event: Event,
        user: &User,
        detail: Option<&str>,
    ) -> QueryResult<()> {
        self.recorder.write(connection, event, Some(&user.into()), detail)
    }
}

/// What an account is to be from now on; `None` = as it was.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The roles.
    pub roles: Option<Roles>,
    /// Whether it may be used.
    pub is_active: Option<bool>,
}

impl Wanted {
    /// These roles.
    pub fn roles(roles: Roles) -> Self {
        Self { roles: Some(roles), is_active: None }
    }

    /// Switched on or off.
    pub fn active(is_active: bool) -> Self {
        Self { roles: None, is_active: Some(is_active) }
    }
}

/// Adds an account: [`Event::SignedUp`] or [`Event::UserCreated`]. `UniqueViolation` when the name is taken.
pub fn add(
    connection: &mut DbConnection,
    user: &User,
    roles: &Roles,
    event: Event,
    recorder: &Recorder,
) -> QueryResult<()> {
    users::insert(connection, user, roles)?;
    recorder.write(connection, event, Some(&user.into()), Some(&listed(roles)))
}

/// Sets a password that was verified or chosen when `user` was read, and ends his sessions but for one.
pub fn set_password(
    connection: &mut DbConnection,
    user: &User,
    hash: &str,
    but_for: Option<&str>,
    change: &Change,
) -> Result<(), ChangeError> {
    if !users::set_password(connection, &user.id, user.version, hash)? {
        return Err(ChangeError::Outdated);
    }
    sessions::end_all(connection, &user.id, but_for, change.revocation)?;
    Ok(change.record(connection, Event::PasswordChanged, user, None)?)
}

/// Sets or removes the address of a user who was verified as he was read. The address itself is not recorded.
pub fn set_email(
    connection: &mut DbConnection,
    user: &User,
    email: Option<&str>,
    change: &Change,
) -> Result<UserWithRoles, ChangeError> {
    if !users::set_email(connection, &user.id, user.version, email)? {
        return Err(ChangeError::Outdated);
    }
    let detail = if email.is_some() { "set" } else { "removed" };
    change.record(connection, Event::EmailChanged, user, Some(detail))?;
    users::find(connection, &user.id)?.ok_or(ChangeError::Outdated)
}

/// Ends every session of a user and tells how many there were: [`Event::LoggedOutEverywhere`] or
/// [`Event::UserSessionsEnded`]. Nothing of the account changes: a login that was under way and comes after is as good as
/// any other.
pub fn end_sessions(
    connection: &mut DbConnection,
    id: &str,
    event: Event,
    change: &Change,
) -> Result<usize, ChangeError> {
    let UserWithRoles { user, .. } = held(connection, id)?;
    let ended = sessions::end_all(connection, id, None, change.revocation)?;
    if ended > 0 {
        change.record(connection, event, &user, Some(&format!("{ended} sessions")))?;
    }
    Ok(ended)
}

/// Replaces the roles, switches the account on or off, or both. Tokens with other roles are revoked, and the sessions go
/// on with the next refresh. Off ends the sessions; on revives none.
pub fn update(
    connection: &mut DbConnection,
    id: &str,
    wanted: &Wanted,
    change: &Change,
) -> Result<UserWithRoles, ChangeError> {
    guards::hold_last_admin(connection)?;
    let before = held(connection, id)?;
    let is_active = wanted.is_active.filter(|wanted| *wanted != before.user.is_active);
    let roles = wanted.roles.as_ref().filter(|wanted| wanted[..] != before.roles);
    if is_active.is_none() && roles.is_none() {
        return Ok(before);
    }
    users::touch(connection, id)?;
    if let Some(is_active) = is_active {
        set_active(connection, &before.user, is_active, change)?;
    }
    if let Some(roles) = roles {
        users::set_roles(connection, id, roles)?;
        sessions::renew_statuses(connection, id, change.revocation)?;
        let detail = format!("{} → {}", listed(&before.roles), listed(roles));
        change.record(connection, Event::UserRolesChanged, &before.user, Some(&detail))?;
    }
    keep_an_admin(connection, &before)?;
    users::find(connection, id)?.ok_or(ChangeError::Absent)
}

fn set_active(
    connection: &mut DbConnection,
    user: &User,
    is_active: bool,
    change: &Change,
) -> QueryResult<()> {
    users::set_active(connection, &user.id, is_active)?;
    if is_active {
        return change.record(connection, Event::UserActivated, user, None);
    }
    sessions::end_all(connection, &user.id, None, change.revocation)?;
    change.record(connection, Event::UserDeactivated, user, None)
}

/// Deletes the account of a user who was verified as he was read. Its name is free again; its id is never given to
/// another.
pub fn delete(connection: &mut DbConnection, user: &User, change: &Change) -> Result<(), ChangeError> {
    guards::hold_last_admin(connection)?;
    if !users::hold(connection, &user.id, user.version)? {
        return Err(ChangeError::Outdated);
    }
    remove_held(connection, &user.id, change)
}

/// Deletes an account whatever it is by now: for who need not be asked for its password.
pub fn remove(connection: &mut DbConnection, id: &str, change: &Change) -> Result<(), ChangeError> {
    guards::hold_last_admin(connection)?;
    if !users::hold_any_version(connection, id)? {
        return Err(ChangeError::Absent);
    }
    remove_held(connection, id, change)
}

fn remove_held(connection: &mut DbConnection, id: &str, change: &Change) -> Result<(), ChangeError> {
    let before = users::find(connection, id)?.ok_or(ChangeError::Absent)?;
    sessions::end_all(connection, id, None, change.revocation)?;
    users::delete(connection, id)?;
    change.record(connection, Event::UserDeleted, &before.user, None)?;
    keep_an_admin(connection, &before)
}

fn listed(roles: &[String]) -> String {
    if roles.is_empty() { "(none)".into() } else { roles.join(",") }
}

/// The user as he is, with his row held for the rest of the transaction.
fn held(connection: &mut DbConnection, id: &str) -> Result<UserWithRoles, ChangeError> {
    if !users::hold_any_version(connection, id)? {
        return Err(ChangeError::Absent);
    }
    users::find(connection, id)?.ok_or(ChangeError::Absent)
}

/// Refuses the change of an administrator after which there is no active one. Those who try at once go one after the
/// other, because each has taken the guard before it read anything: otherwise an engine would go on showing what was there
/// before.
fn keep_an_admin(connection: &mut DbConnection, before: &UserWithRoles) -> Result<(), ChangeError> {
    let was_admin = before.user.is_active && before.roles.iter().any(|role| role == ADMIN);
    if was_admin && users::count_active(connection, ADMIN)? == 0 {
        return Err(ChangeError::LastAdmin);
    }
    Ok(())
}
