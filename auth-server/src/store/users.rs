//! Users and their roles.

use diesel::prelude::*;
use shared_service::database::DbConnection;

use super::schema::{user_roles, users};

/// A row of `users`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: String,
    pub username: String,
    pub username_key: String,
    pub email: Option<String>,
    pub password_hash: String,
    pub is_active: bool,
    pub version: i64,
    pub created_at: i64,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({}, {}, version {})", self.id, self.username, self.version)
    }
}

/// A user with his roles, from one reading.
#[derive(Debug, Clone)]
pub struct UserWithRoles {
    /// The row.
    pub user: User,
    /// In alphabetical order.
    pub roles: Vec<String>,
}

impl UserWithRoles {
    pub(super) fn gather(rows: Vec<(User, Option<String>)>) -> Vec<Self> {
        let mut gathered: Vec<Self> = Vec::new();
        for (user, role) in rows {
            match gathered.last_mut().filter(|last| last.user.id == user.id) {
                Some(last) => last.roles.extend(role),
                None => gathered.push(Self { user, roles: role.into_iter().collect() }),
            }
        }
        for each in &mut gathered {
            each.roles.sort();
        }
        gathered
    }
}

/// Adds a user. `UniqueViolation` when the name is taken.
pub fn insert(connection: &mut DbConnection, user: &User, roles: &[String]) -> QueryResult<()> {
    diesel::insert_into(users::table).values(user).execute(connection)?;
    insert_roles(connection, &user.id, roles)
}

/// Whether the name, in lower case, is taken.
pub fn name_is_taken(connection: &mut DbConnection, username_key: &str) -> QueryResult<bool> {
    let rows = users::table.filter(users::username_key.eq(username_key)).count();
    rows.get_result::<i64>(connection).map(|count| count > 0)
}

/// Whether there is any user at all.
pub fn any_exists(connection: &mut DbConnection) -> QueryResult<bool> {
    let first = users::table.select(users::id).limit(1).get_result::<String>(connection);
    first.optional().map(|found| found.is_some())
}

/// A hash of the highest cost there is.
pub fn highest_hash(connection: &mut DbConnection) -> QueryResult<Option<String>> {
    let first = users::table.order(users::password_cost.desc()).select(users::password_hash);
    first.first(connection).optional()
}

/// The user of this name, in lower case.
pub fn find_by_name(connection: &mut DbConnection, username_key: &str) -> QueryResult<Option<UserWithRoles>> {
    let rows = users::table
        .left_join(user_roles::table)
        .filter(users::username_key.eq(username_key))
        .select((User::as_select(), user_roles::role.nullable()))
        .load(connection)?;
    Ok(UserWithRoles::gather(rows).pop())
}

/// Id and name of the users who have one of these names, in lower case; in no order.
pub fn ids_by_name(
    connection: &mut DbConnection,
    username_keys: &[String],
) -> QueryResult<Vec<(String, String)>> {
    users::table
        .filter(users::username_key.eq_any(username_keys))
        .select((users::id, users::username))
        .load(connection)
}

/// At most `limit` users, by name, after the one of the name `after`.
pub fn list(connection: &mut DbConnection, after: &str, limit: i64) -> QueryResult<Vec<UserWithRoles>> {
    let page: Vec<User> = users::table
        .filter(users::username_key.gt(after))
        .order(users::username_key)
        .limit(limit)
        .select(User::as_select())
        .load(connection)?;
    with_roles(connection, page)
}

pub(super) fn with_roles(connection: &mut DbConnection, users: Vec<User>) -> QueryResult<Vec<UserWithRoles>> {
    let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
    let roles: Vec<(String, String)> =
        user_roles::table.filter(user_roles::user_id.eq_any(ids)).order(user_roles::role).load(connection)?;
    let roles_of =
        |id: &str| roles.iter().filter(|(user, _)| user == id).map(|(_, role)| role.clone()).collect();
    Ok(users.into_iter().map(|user| UserWithRoles { roles: roles_of(&user.id), user }).collect())
}

/// Holds the row for the rest of the transaction, if it still is as it was verified. False when it changed since.
pub fn hold(connection: &mut DbConnection, id: &str, version: i64) -> QueryResult<bool> {
    let row = users::table.filter(users::id.eq(id)).filter(users::version.eq(version));
    diesel::update(row).set(users::version.eq(version)).execute(connection).map(|rows| rows == 1)
}

/// As [`hold`], whatever the version is.
pub fn hold_any_version(connection: &mut DbConnection, id: &str) -> QueryResult<bool> {
    let row = users::table.filter(users::id.eq(id));
    diesel::update(row).set(users::version.eq(users::version)).execute(connection).map(|rows| rows == 1)
}

/// Replaces a hash by one of the same password with another cost. No change of password: the version stays.
pub fn upgrade_hash(connection: &mut DbConnection, id: &str, version: i64, hash: &str) -> QueryResult<()> {
    let row = users::table.filter(users::id.eq(id)).filter(users::version.eq(version));
    diesel::update(row).set(users::password_hash.eq(hash)).execute(connection).map(drop)
}

/// Sets the password, and with it a new version, if the row still has the version that was verified. False when it
/// changed since.
pub fn set_password(connection: &mut DbConnection, id: &str, version: i64, hash: &str) -> QueryResult<bool> {
    let row = users::table.filter(users::id.eq(id)).filter(users::version.eq(version));
    diesel::update(row)
        .set((users::password_hash.eq(hash), users::version.eq(users::version + 1)))
        .execute(connection)
        .map(|rows| rows == 1)
}

/// Sets or removes the address, if the row still has the version that was verified. False when it changed since.
/// Nothing of a token depends on it, so the version stays.
pub fn set_email(
    connection: &mut DbConnection,
    id: &str,
    version: i64,
    email: Option<&str>,
) -> QueryResult<bool> {
    let row = users::table.filter(users::id.eq(id)).filter(users::version.eq(version));
    diesel::update(row).set(users::email.eq(email)).execute(connection).map(|rows| rows == 1)
}

/// Deletes the user with his roles and sessions.
pub fn delete(connection: &mut DbConnection, id: &str) -> QueryResult<()> {
    diesel::delete(users::table.filter(users::id.eq(id))).execute(connection).map(drop)
}

/// How many active users have this role.
pub fn count_active(connection: &mut DbConnection, role: &str) -> QueryResult<i64> {
    users::table
        .inner_join(user_roles::table)
        .filter(users::is_active.eq(true))
        .filter(user_roles::role.eq(role))
        .count()
        .get_result(connection)
}

/// The user of this id.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<Option<UserWithRoles>> {
    let rows = users::table
        .left_join(user_roles::table)
        .filter(users::id.eq(id))
        .select((User::as_select(), user_roles::role.nullable()))
        .load(connection)?;
    Ok(UserWithRoles::gather(rows).pop())
}

/// Makes a new version, whatever the present one is. False when there is no such user.
pub fn touch(connection: &mut DbConnection, id: &str) -> QueryResult<bool> {
    let row = users::table.filter(users::id.eq(id));
    diesel::update(row).set(users::version.eq(users::version + 1)).execute(connection).map(|rows| rows == 1)
}

/// Makes a new version of every user: no login that is under way comes to its end.
pub fn touch_all(connection: &mut DbConnection) -> QueryResult<()> {
    diesel::update(users::table).set(users::version.eq(users::version + 1)).execute(connection).map(drop)
}

/// Switches the account on or off. The version is the caller's to change.
pub fn set_active(connection: &mut DbConnection, id: &str, is_active: bool) -> QueryResult<()> {
    let row = users::table.filter(users::id.eq(id));
    diesel::update(row).set(users::is_active.eq(is_active)).execute(connection).map(drop)
}

/// Replaces the roles. The version is the caller's to change.
pub fn set_roles(connection: &mut DbConnection, id: &str, roles: &[String]) -> QueryResult<()> {
    diesel::delete(user_roles::table.filter(user_roles::user_id.eq(id))).execute(connection)?;
    insert_roles(connection, id, roles)
}

fn insert_roles(connection: &mut DbConnection, id: &str, roles: &[String]) -> QueryResult<()> {
    for role in roles {
        diesel::insert_into(user_roles::table)
            .values((user_roles::user_id.eq(id), user_roles::role.eq(role)))
            .execute(connection)?;
    }
    Ok(())
}
