//! Who this API has seen. The key is `sub`; a name is only what auth-server said last, in a token or when it was asked,
//! because it may give a freed name to a new user, who must inherit nothing.

use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error},
};
use shared_service::database::{self, DbConnection};

use super::schema::accounts;

/// A try is lost to another request of the same user, or to one of a user of the same name: each at most a few times.
const REGISTER_ATTEMPTS: usize = 32;
/// So long are ids at most, in bytes.
const MAX_SUB: usize = 64;
/// So long are names at most, in characters.
const MAX_USERNAME: usize = 32;
/// How long a name is taken for its holder's without asking, in seconds.
const CONFIRMED_FOR: i64 = 5 * 60;
/// How far auth-server's clock may be ahead of ours, in seconds. What was confirmed later still was so by a wrong clock.
const LONGEST_LEEWAY: i64 = 60;
/// That a name is still its holder's is written down at most once in so many seconds.
const CONFIRMED_EVERY: i64 = 60;

/// A user as auth-server has shown him: in a verified token, or when it was asked for his name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenUser {
    /// What is `sub` in his tokens: the identity.
    pub sub: String,
    /// The name auth-server had given him then.
    pub username: String,
    /// When that was: the token's `iat`, or when auth-server was asked. Unix seconds.
    pub seen_at: i64,
}

/// A registered user.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
pub struct Account {
    /// The identity.
    pub sub: String,
    /// `None` once the name is another account's, or nobody's.
    pub username: Option<String>,
    /// When auth-server said what stands here about the name; what it said before is no news. Unix seconds.
    pub named_at: i64,
    /// When auth-server last said that the name is still the account's. Unix seconds.
    pub confirmed_at: i64,
}

/// The name to show for an account: those that have lost theirs show as deleted.
pub fn shown_name(username: Option<String>) -> String {
    username.unwrap_or_else(|| "[deleted]".into())
}

impl Account {
    /// Whether auth-server has said of late that the name is the account's.
    pub fn is_confirmed(&self, now: i64) -> bool {
        (-LONGEST_LEEWAY..CONFIRMED_FOR).contains(&now.saturating_sub(self.confirmed_at))
    }
}

impl SeenUser {
    /// `None` when the id or the name is not one that every engine keeps as it is: they cut off, refuse, or find equal what
    /// differs in blanks at the end. auth-server makes none of these; another issuer might.
    pub fn new(sub: &str, username: &str, seen_at: i64) -> Option<Self> {
        let is_id = (1..=MAX_SUB).contains(&sub.len()) && sub.bytes().all(|byte| byte.is_ascii_graphic());
        let is_name = username.chars().count() <= MAX_USERNAME && !username.chars().any(char::is_control);
        (is_id && is_name).then(|| Self { sub: sub.into(), username: username.into(), seen_at })
    }

    /// Whether this says anything about the user's own account that is not known yet. An account without a name may get
    /// one in the same second: it is for the holder of that name to outrank it.
    fn is_news_to(&self, own: &Account) -> bool {
        match &own.username {
            None => self.seen_at >= own.named_at,
            Some(known) => *known != self.username && self.seen_at > own.named_at,
        }
    }

    /// Whether the name belongs to this user rather than to `holder`. auth-server gives a name to one user at a time, so
    /// what it said later is the truth. Within one second the greater `sub` is the younger account, as auth-server's ids
    /// are UUIDv7; a tie must have the same winner each time, or the name would flap.
    fn outranks(&self, holder: &Account) -> bool {
        (self.seen_at, &self.sub) > (holder.named_at, &holder.sub)
    }

    /// Whether it is worth writing down that the account still has its name.
    fn confirms(&self, own: &Account) -> bool {
        own.username.as_ref() == Some(&self.username) && self.seen_at >= own.confirmed_at + CONFIRMED_EVERY
    }
}

/// The account of `seen`, registered or renamed first when that is news. No write on the usual path. On a connection that is
/// in no transaction.
pub fn register(conn: &mut DbConnection, seen: &SeenUser) -> QueryResult<Account> {
    for _ in 0..REGISTER_ATTEMPTS {
        match try_register(conn, seen) {
            Ok(Some(account)) => return Ok(account),
            Ok(None) => {}
            // Another request has just written the same account or name; the next try sees what it committed.
            Err(error) if database::is_unique_violation(&error) || database::is_deadlock(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let contended = Box::new("an account is registered by too many requests at once".to_owned());
    Err(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, contended))
}

/// `None` when there is more to do, or another request has come in between.
fn try_register(conn: &mut DbConnection, seen: &SeenUser) -> QueryResult<Option<Account>> {
    let own = find(conn, &seen.sub)?;
    if let Some(own) = own.as_ref().filter(|own| !seen.is_news_to(own)) {
        if seen.confirms(own) {
            confirm(conn, seen)?;
        }
        return Ok(Some(own.clone()));
    }
    let holder = find_by_username(conn, &seen.username)?.filter(|holder| holder.sub != seen.sub);
    let gets_name = holder.as_ref().is_none_or(|holder| seen.outranks(holder));
    let username = gets_name.then(|| seen.username.clone());
    let (sub, seen_at) = (seen.sub.clone(), seen.seen_at);
    let account = Account { sub, username, named_at: seen_at, confirmed_at: seen_at };
    let registered = match (own, holder.filter(|_| gets_name)) {
        (Some(own), _) if own.username == account.username => return Ok(Some(own)),
        (Some(own), holder) => rename(conn, &own, &account, holder.as_ref())?,
        (None, None) => insert(conn, &account).map(|()| true)?,
        // The row comes first, and the name with the next try: a transaction that holds rows inserts none, or it and
        // another request of the same user would wait for each other.
        (None, Some(_)) => insert(conn, &Account { username: None, ..account.clone() }).map(|()| false)?,
    };
    Ok(registered.then_some(account))
}

/// Gives an account what stands in `account`, and takes the name from its holder. False when one of them is no longer as it
/// was read: what is newer stays.
fn rename(
    conn: &mut DbConnection,
    own: &Account,
    account: &Account,
    holder: Option<&Account>,
) -> QueryResult<bool> {
    let mut rows: Vec<&Account> = holder.into_iter().chain([own]).collect();
    // All hold them in one order, so that nobody waits in a circle.
    rows.sort_by(|one, other| one.sub.cmp(&other.sub));
    let renamed = database::transaction(conn, |conn| {
        for row in rows {
            hold(conn, row)?;
        }
        if let Some(holder) = holder {
            release_name(conn, holder)?;
        }
        set_name(conn, account)
    });
    match renamed {
        Ok(()) => Ok(true),
        Err(Error::RollbackTransaction) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Holds the row for the rest of the transaction, if it still is as it was read.
fn hold(conn: &mut DbConnection, read: &Account) -> QueryResult<()> {
    let row =
        accounts::table.filter(accounts::sub.eq(&read.sub)).filter(accounts::named_at.eq(read.named_at));
    let same = accounts::named_at.eq(read.named_at);
    let held = match &read.username {
        Some(name) => diesel::update(row.filter(accounts::username.eq(name))).set(same).execute(conn)?,
        None => diesel::update(row.filter(accounts::username.is_null())).set(same).execute(conn)?,
    };
    if held == 1 { Ok(()) } else { Err(Error::RollbackTransaction) }
}

/// The account that has this name now, whatever its letters' case.
pub fn find_by_username(conn: &mut DbConnection, username: &str) -> QueryResult<Option<Account>> {
    let Some(key) = key_of(username) else { return Ok(None) };
    accounts::table.filter(accounts::username_key.eq(key)).select(Account::as_select()).first(conn).optional()
}

fn find(conn: &mut DbConnection, sub: &str) -> QueryResult<Option<Account>> {
    accounts::table.find(sub).select(Account::as_select()).first(conn).optional()
}

fn insert(conn: &mut DbConnection, account: &Account) -> QueryResult<()> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::sub.eq(&account.sub),
            accounts::username.eq(&account.username),
            accounts::username_key.eq(account.username.as_deref().and_then(key_of)),
            accounts::named_at.eq(account.named_at),
            accounts::confirmed_at.eq(account.confirmed_at),
        ))
        .execute(conn)
        .map(drop)
}

fn set_name(conn: &mut DbConnection, account: &Account) -> QueryResult<()> {
    diesel::update(accounts::table.find(&account.sub))
        .set((
            accounts::username.eq(&account.username),
            accounts::username_key.eq(account.username.as_deref().and_then(key_of)),
            accounts::named_at.eq(account.named_at),
            accounts::confirmed_at.eq(account.confirmed_at),
        ))
        .execute(conn)
        .map(drop)
}

/// Takes the name away from an account of which auth-server, asked at `asked_at` (Unix seconds), says that nobody has it:
/// only if nothing newer is known of the account by now than when `known` was read. What was seen before that does not
/// give the name back.
pub fn release_unconfirmed(conn: &mut DbConnection, known: &Account, asked_at: i64) -> QueryResult<()> {
    let unchanged = accounts::table
        .filter(accounts::sub.eq(&known.sub))
        .filter(accounts::username.eq(&known.username))
        .filter(accounts::confirmed_at.eq(known.confirmed_at));
    diesel::update(unchanged)
        .set((
            accounts::username.eq(None::<String>),
            accounts::username_key.eq(None::<String>),
            accounts::named_at.eq(asked_at.max(known.named_at)),
        ))
        .execute(conn)
        .map(drop)
}

/// Only if nothing newer is written there. Nobody depends on it: without, auth-server is asked once more. So a database
/// that cannot be written to just now does not keep a user from reading.
fn confirm(conn: &mut DbConnection, seen: &SeenUser) -> QueryResult<()> {
    let older = accounts::table
        .filter(accounts::sub.eq(&seen.sub))
        .filter(accounts::username.eq(&seen.username))
        .filter(accounts::confirmed_at.lt(seen.seen_at));
    match diesel::update(older).set(accounts::confirmed_at.eq(seen.seen_at)).execute(conn) {
        Err(error) if database::is_transient(&error) => Ok(()),
        written => written.map(drop),
    }
}

fn release_name(conn: &mut DbConnection, holder: &Account) -> QueryResult<()> {
    diesel::update(accounts::table.find(&holder.sub))
        .set((accounts::username.eq(None::<String>), accounts::username_key.eq(None::<String>)))
        .execute(conn)
        .map(drop)
}

/// Names are ASCII, and compared without regard to case. Other text is nobody's name, and some of it (U+0000) an engine
/// would refuse with an error.
fn key_of(username: &str) -> Option<String> {
    username.bytes().all(|byte| byte.is_ascii_graphic()).then(|| username.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_whom_an_engine_would_not_keep_as_they_are_are_none() {
        let (longest_sub, longest_name) = ("s".repeat(64), "ä".repeat(32));
        for (sub, username) in [("0192f0c1-2345", "alice"), (&longest_sub, &longest_name), ("s", "")] {
            assert!(SeenUser::new(sub, username, 0).is_some(), "{sub} {username}");
        }
        for sub in ["", "s ", "s\0", "ß", &"s".repeat(65)] {
            assert_eq!(SeenUser::new(sub, "alice", 0), None, "{sub:?}");
        }
        for username in ["a\0b", "\n", &"n".repeat(33)] {
            assert_eq!(SeenUser::new("s", username, 0), None, "{username:?}");
        }
    }

    #[test]
    fn text_that_cannot_be_a_name_has_no_key() {
        assert_eq!(key_of("Al.ice-1_").as_deref(), Some("al.ice-1_"));
        for text in ["a\0b", "a b", "alıce", "\n"] {
            assert_eq!(key_of(text), None, "{text:?}");
        }
    }
}
