//! Who this API has seen. The key is `sub`; a name is only what the newest token said, because auth-server may give
//! a freed name to a new user, who must inherit nothing.

use diesel::prelude::*;
use shared_service::database::{self, DbConnection};

use super::schema::accounts;

/// A try is lost to another request of the same user, or to one of a user of the same name: each at most a few times.
const REGISTER_ATTEMPTS: usize = 8;

/// A user as one verified token shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenUser {
    /// The token's `sub`: the identity.
    pub sub: String,
    /// The name auth-server had given it when the token was issued.
    pub username: String,
    /// The token's `iat`, Unix seconds.
    pub token_issued_at: i64,
}

/// A registered user.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
pub struct Account {
    /// The identity.
    pub sub: String,
    /// `None` once a younger account has the name.
    pub username: Option<String>,
    /// `iat` of the token that gave the name, Unix seconds.
    pub named_at: i64,
}

/// The name to show for an account: those whose name went to a younger account show as deleted.
pub fn shown_name(username: Option<String>) -> String {
    username.unwrap_or_else(|| "[deleted]".into())
}

impl SeenUser {
    /// Whether this token says anything about its own account that is not known yet.
    fn is_news_to(&self, own: &Account) -> bool {
        match &own.username {
            None => true,
            Some(known) => *known != self.username && self.token_issued_at > own.named_at,
        }
    }

    /// Whether the name belongs to this token's user rather than to `holder`. auth-server gives a name to one user at a
    /// time, so the newer token tells the truth. Within one second the greater `sub` is the younger account, as
    /// auth-server's ids are UUIDv7; a tie must have the same winner each time, or the name would flap.
    fn outranks(&self, holder: &Account) -> bool {
        (self.token_issued_at, &self.sub) > (holder.named_at, &holder.sub)
    }
}

/// The account of `seen`, registered or renamed first when its token brings news. No write on the usual path.
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
        return Ok(own.clone());
    }
    let holder = find_by_username(conn, &seen.username)?.filter(|holder| holder.sub != seen.sub);
    let gets_name = holder.as_ref().is_none_or(|holder| seen.outranks(holder));
    let username = gets_name.then(|| seen.username.clone());
    let account = Account { sub: seen.sub.clone(), username, named_at: seen.token_issued_at };
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
        ))
        .execute(conn)
        .map(drop)
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
