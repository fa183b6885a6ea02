//! Who this API has seen. The key is `sub`; a name is only what auth-server said last, in a token or when it was asked,
//! because it may give a freed name to a new user, who must inherit nothing.

use diesel::prelude::*;
use shared_service::database::{self, DbConnection};

use super::schema::accounts;

/// A try is lost to another request of the same user, or to one of a user of the same name: each at most a few times.
const REGISTER_ATTEMPTS: usize = 8;
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

/// The account of `seen`, registered or renamed first when that is news. No write on the usual path.
pub fn register(conn: &mut DbConnection, seen: &SeenUser) -> QueryResult<Account> {
    for _ in 1..REGISTER_ATTEMPTS {
        match try_register(conn, seen) {
            // Another request has just written the same account or name; the next try sees what it committed.
            Err(error) if database::is_unique_violation(&error) => {}
            registered => return registered,
        }
    }
    try_register(conn, seen)
}

fn try_register(conn: &mut DbConnection, seen: &SeenUser) -> QueryResult<Account> {
    let own = find(conn, &seen.sub)?;
    if let Some(own) = own.as_ref().filter(|own| !seen.is_news_to(own)) {
        if seen.confirms(own) {
            confirm(conn, seen)?;
        }
        return Ok(own.clone());
    }
    let holder = find_by_username(conn, &seen.username)?.filter(|holder| holder.sub != seen.sub);
    let gets_name = holder.as_ref().is_none_or(|holder| seen.outranks(holder));
    let username = gets_name.then(|| seen.username.clone());
    let (sub, seen_at) = (seen.sub.clone(), seen.seen_at);
    let account = Account { sub, username, named_at: seen_at, confirmed_at: seen_at };
    if let Some(own) = own.as_ref().filter(|own| own.username == account.username) {
        return Ok(own.clone());
    }
    conn.transaction(|conn| {
        if let Some(holder) = holder.filter(|_| gets_name) {
            release_name(conn, &holder)?;
        }
        if own.is_some() { set_name(conn, &account) } else { insert(conn, &account) }
    })?;
    Ok(account)
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

/// Only while the holder still has the name: another request may have been quicker, and given it to someone else.
fn release_name(conn: &mut DbConnection, holder: &Account) -> QueryResult<()> {
    let named =
        accounts::table.filter(accounts::sub.eq(&holder.sub)).filter(accounts::username.eq(&holder.username));
    diesel::update(named)
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
    fn text_that_cannot_be_a_name_has_no_key() {
        assert_eq!(key_of("Al.ice-1_").as_deref(), Some("al.ice-1_"));
        for text in ["a\0b", "a b", "alıce", "\n"] {
            assert_eq!(key_of(text), None, "{text:?}");
        }
    }
}
