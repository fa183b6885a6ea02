//! What changes an account, with all that it does to sessions and tokens. Every way to such a change (the user's own
//! endpoints, an administrator's, the command line) leads through here.
//!
//! Each function is called in a transaction and writes before it reads, on the guard or on the user's row: from then on
//! no login and no other change of the same user comes between.

use diesel::QueryResult;
use shared_service::database::DbConnection;

use crate::store::{
    guards, sessions,
    statuses::Revocation,
    users::{self, UserWithRoles},
};

/// The role without which nobody could administrate.
const ADMIN: &str = "admin";

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It is not there, or no longer as it was verified.
    #[error("the account was changed at the same time")]
    Outdated,
    /// Nobody could administrate afterwards.
    #[error("this is the last active administrator; give the role to somebody else first")]
    LastAdmin,
    /// The database failed.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

/// Sets a password that was verified or chosen at `version`, and ends the user's sessions but for one.
pub fn set_password(
    connection: &mut DbConnection,
    (id, version): (&str, i64),
    hash: &str,
    but_for: Option<&str>,
    revocation: Revocation,
) -> Result<(), ChangeError> {
    if !users::set_password(connection, id, version, hash)? {
        return Err(ChangeError::Outdated);
    }
    sessions::end_all(connection, id, but_for, revocation)?;
    Ok(())
}

/// Ends every session of a user and tells how many there were. Nothing of the account changes: a login that was under
/// way and comes after is as good as any other.
pub fn end_sessions(
    connection: &mut DbConnection,
    id: &str,
    revocation: Revocation,
) -> Result<usize, ChangeError> {
    users::hold_any_version(connection, id)?;
    Ok(sessions::end_all(connection, id, None, revocation)?)
}

/// Replaces the roles. Tokens with the old ones are revoked; the sessions go on with the next refresh.
pub fn set_roles(
    connection: &mut DbConnection,
    id: &str,
    roles: &[String],
    revocation: Revocation,
) -> Result<(), ChangeError> {
    keeping_an_admin(connection, id, users::touch, |c| {
        users::set_roles(c, id, roles)?;
        sessions::renew_statuses(c, id, revocation)
    })
}

/// Switches an account on or off. Off ends its sessions; on revives none.
pub fn set_active(
    connection: &mut DbConnection,
    id: &str,
    is_active: bool,
    revocation: Revocation,
) -> Result<(), ChangeError> {
    keeping_an_admin(connection, id, users::touch, |c| {
        users::set_active(c, id, is_active)?;
        if !is_active {
            sessions::end_all(c, id, None, revocation)?;
        }
        Ok(())
    })
}

/// Deletes an account that was verified at `version`. Its name is free again; its id is never given to another.
pub fn delete(
    connection: &mut DbConnection,
    (id, version): (&str, i64),
    revocation: Revocation,
) -> Result<(), ChangeError> {
    let hold = |c: &mut DbConnection, id: &str| users::hold(c, id, version);
    keeping_an_admin(connection, id, hold, |c| {
        sessions::end_all(c, id, None, revocation)?;
        users::delete(c, id)
    })
}

/// Refuses a change of an administrator after which there is no active one. Those who try at once go one after the
/// other, and nothing is read before both rows are held, or an engine would go on showing what was there before.
fn keeping_an_admin(
    connection: &mut DbConnection,
    id: &str,
    hold_user: impl FnOnce(&mut DbConnection, &str) -> QueryResult<bool>,
    change: impl FnOnce(&mut DbConnection) -> QueryResult<()>,
) -> Result<(), ChangeError> {
    guards::hold_last_admin(connection)?;
    if !hold_user(connection, id)? {
        return Err(ChangeError::Outdated);
    }
    let is_admin = |user: UserWithRoles| user.user.is_active && user.roles.iter().any(|role| role == ADMIN);
    let was_admin = users::find(connection, id)?.is_some_and(is_admin);
    change(connection)?;
    if was_admin && users::count_active(connection, ADMIN)? == 0 {
        return Err(ChangeError::LastAdmin);
    }
    Ok(())
}
