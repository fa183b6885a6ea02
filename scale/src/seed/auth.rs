//! The rows of auth-server.

use auth_server::store::statuses::{self, LIST_SIZE, StatusIndex};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use shared_service::database::{DbConnection, transaction};

use super::{
    cast::{ADMINS, Cast, HOARDER, KEEPER, i64_of, username, username_key},
    random::{Random, uuid_at},
    rows::{Rows, bytes_literal, nullable},
};

const HOARDED: u64 = 500;
/// Of each of those who have many, one after the other.
const HOARDERS: [u64; 2] = [HOARDER, KEEPER];
const ALL_HOARDED: u64 = 2 * HOARDED;
const AUDIENCE: &str = "http://localhost:8081 resource-api";
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";
/// One session in so many has ended lately.
const ENDED: u64 = 100;
/// One place in so many is revoked, of those that no session has any more: some two thousand in a status list.
const REVOKED: u64 = 64;
const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// Fills every table. `hash` is everybody's password's.
pub(super) fn fill(connection: &mut DbConnection, cast: &Cast, hash: &str) -> anyhow::Result<u64> {
    let mut rows = users(connection, cast, hash)?;
    rows += roles(connection, cast)?;
    let places = reserve(connection, first_revoked(cast) + cast.size.revoked() * REVOKED)?;
    rows += sessions(connection, cast, places)?;
    rows += blocked(connection, cast, places)?;
    rows += clients(connection, cast, places)?;
    rows += former_clients(connection, cast)?;
    rows += attempts(connection, cast)?;
    Ok(rows + audit(connection, cast)?)
}

/// The first of so many places in status lists, counted through all lists.
fn reserve(connection: &mut DbConnection, count: u64) -> anyhow::Result<i64> {
    let reserve = |c: &mut _| statuses::reserve(c, i64_of(count)).map(|mut places| places.next());
    let first = transaction::<_, diesel::result::Error>(connection, reserve)?;
    let StatusIndex { list, idx } = first.unwrap_or(StatusIndex { list: 0, idx: 0 });
    Ok(list * LIST_SIZE + idx)
}

/// Behind the places of sessions and clients.
fn first_revoked(cast: &Cast) -> u64 {
    cast.size.sessions() + ALL_HOARDED + cast.size.clients()
}

fn users(connection: &mut DbConnection, cast: &Cast, hash: &str) -> anyhow::Result<u64> {
    let columns = "id,username,username_key,email,password_hash,is_active,version,created_at";
    let mut rows = Rows::into(connection, "users", columns, cast.size.users);
    for user in 0..cast.size.users {
        let (id, name, key) = (cast.id(user), username(user), username_key(user));
        let address = format!("{key}@example.org");
        let email = nullable((user % 3 == 0).then_some(&address));
        let is_active = if user > 1000 && user % 197 == 0 { "FALSE" } else { "TRUE" };
        let (version, created_at) = (user % 3, cast.signed_up(user) / 1000);
        rows.add(format_args!(
            "'{id}','{name}','{key}',{email},'{hash}',{is_active},{version},{created_at}"
        ))?;
    }
    rows.finish()
}

fn roles(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let mut rows = Rows::into(connection, "user_roles", "user_id,role", cast.size.users);
    for user in 0..cast.size.users {
        let id = cast.id(user);
        if ADMINS.contains(&user) {
            rows.add(format_args!("'{id}','admin'"))?;
        }
        rows.add(format_args!("'{id}','user'"))?;
    }
    rows.finish()
}

fn has_ended(nth: u64) -> bool {
    nth.is_multiple_of(ENDED)
}

/// Of every second user, within the last week, and those of the hoarders.
fn sessions(connection: &mut DbConnection, cast: &Cast, first_place: i64) -> anyhow::Result<u64> {
    let columns = "id,user_id,nonce,generation,advanced_at,audience,created_at,last_used_at,expires_at,ended_at,\
                   user_agent,ip,status_list,status_idx";
    let (count, now) = (cast.size.sessions(), cast.now());
    let is_postgres = matches!(connection, DbConnection::Postgres(_));
    let mut random = Random::new(cast.size.seed, "sessions");
    let mut rows = Rows::into(connection, "sessions", columns, count + ALL_HOARDED);
    for nth in 0..count + ALL_HOARDED {
        let is_hoarded = nth >= count;
        let user = if is_hoarded {
            HOARDERS[usize::from(nth - count >= HOARDED)]
        } else {
            nth * 2 % cast.size.users
        };
        let created_ms = if is_hoarded { cast.now_ms - 60_000 } else { cast.spread(nth, count, 7) };
        let created = created_ms / 1000;
        let (id, user_id) = (uuid_at(created_ms, &mut random), cast.id(user));
        let nonce = bytes_literal(is_postgres, &random.bytes::<16>());
        let last_used = created + i64_of(random.below((now - created).unsigned_abs()));
        let advanced = if nth % 3 == 0 { "NULL".into() } else { format!("{}", last_used * 1000) };
        let generation = if nth % 3 == 0 { 0 } else { 1 + nth % 50 };
        let expires = created + 30 * DAY;
        let is_over = if is_hoarded { nth % 5 > 0 } else { has_ended(nth) };
        let ended = if is_over { format!("{}", ended_at(cast, nth).max(last_used)) } else { "NULL".into() };
        let (place, ip) =
            (first_place + i64_of(nth), format!("10.{}.{}.{}", nth % 200, nth % 251, nth % 127));
        let (list, idx) = (place / LIST_SIZE, place % LIST_SIZE);
        rows.add(format_args!(
            "'{id}','{user_id}',{nonce},{generation},{advanced},'{AUDIENCE}',{created},{last_used},{expires},{ended},\
             '{AGENT}','{ip}',{list},{idx}"
        ))?;
    }
    rows.finish()
}

/// In the last five minutes: so lately that it is not yet forgotten.
fn ended_at(cast: &Cast, nth: u64) -> i64 {
    cast.now() - i64_of(nth % 300)
}

/// The places of the sessions that have ended, and those that others had before their claims were renewed.
fn blocked(connection: &mut DbConnection, cast: &Cast, first_place: i64) -> anyhow::Result<u64> {
    let of_ended = (0..cast.size.sessions()).filter(|nth| has_ended(*nth));
    let former = (0..cast.size.revoked()).map(|nth| first_revoked(cast) + nth * REVOKED);
    let expected = cast.size.sessions() / ENDED + cast.size.revoked();
    let mut rows = Rows::into(connection, "blocked_statuses", "status_list,status_idx,expires_at", expected);
    for nth in of_ended.chain(former) {
        let place = first_place + i64_of(nth);
        let until = cast.now() + 1 + i64_of(nth % 370);
        rows.add(format_args!("{},{},{until}", place / LIST_SIZE, place % LIST_SIZE))?;
    }
    rows.finish()
}

/// Each with one secret.
fn clients(connection: &mut DbConnection, cast: &Cast, first_place: i64) -> anyhow::Result<u64> {
    let count = cast.size.clients();
    let is_postgres = matches!(connection, DbConnection::Postgres(_));
    let first_place = first_place + i64_of(cast.size.sessions() + ALL_HOARDED);
    let mut random = Random::new(cast.size.seed, "clients");
    let made = |nth| cast.spread(nth, count, 365);
    let ids: Vec<String> =
        (0..count).map(|nth| auth_server::clients::client_id_of(uuid_at(made(nth), &mut random))).collect();
    let columns = "id,name,scopes,is_active,created_at,status_list,status_idx";
    let mut rows = Rows::into(connection, "clients", columns, count);
    for (nth, id) in (0..count).zip(&ids) {
        let (place, at) = (first_place + i64_of(nth), made(nth) / 1000);
        let (list, idx) = (place / LIST_SIZE, place % LIST_SIZE);
        rows.add(format_args!("'{id}','service {nth:06}','posts:read users:read',TRUE,{at},{list},{idx}"))?;
    }
    let added = rows.finish()?;
    let mut rows = Rows::into(connection, "client_secrets", "id,client_id,secret_hash,created_at", count);
    for (nth, client) in (0..count).zip(&ids) {
        let (id, hash) = (uuid_at(made(nth), &mut random), bytes_literal(is_postgres, &random.bytes::<32>()));
        rows.add(format_args!("'{id}','{client}',{hash},{}", made(nth) / 1000))?;
    }
    Ok(added + rows.finish()?)
}

fn former_clients(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let count = cast.size.clients();
    let is_postgres = matches!(connection, DbConnection::Postgres(_));
    let mut random = Random::new(cast.size.seed, "former clients");
    let at = |nth| cast.spread(nth, count, 365);
    let ids: Vec<String> =
        (0..count).map(|nth| auth_server::clients::client_id_of(uuid_at(at(nth), &mut random))).collect();
    let mut rows = Rows::into(connection, "removed_clients", "id,removed_at", count);
    for (nth, id) in (0..count).zip(&ids) {
        rows.add(format_args!("'{id}',{}", at(nth) / 1000))?;
    }
    let added = rows.finish()?;
    let mut rows = Rows::into(connection, "ended_client_secrets", "secret_hash,client_id,ended_at", count);
    for (nth, id) in (0..count).zip(&ids) {
        let hash = bytes_literal(is_postgres, &random.bytes::<32>());
        rows.add(format_args!("{hash},'{id}',{}", at(nth) / 1000))?;
    }
    Ok(added + rows.finish()?)
}

/// Passwords tried in vain, and networks that are known.
fn attempts(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let mut random = Random::new(cast.size.seed, "attempts");
    let mut key = move || URL_SAFE_NO_PAD.encode(random.bytes::<32>());
    let count = cast.size.login_attempts();
    let mut rows = Rows::into(connection, "login_attempts", "key_hash,failures,last_at,expires_at", count);
    for nth in 0..count {
        let last = cast.now_ms - i64_of(nth % 3000) * 1000;
        rows.add(format_args!("'{}',{},{last},{}", key(), 1 + nth % 5, last + HOUR * 1000))?;
    }
    let added = rows.finish()?;
    let count = cast.size.known_networks();
    let mut rows = Rows::into(connection, "known_networks", "key_hash,expires_at", count);
    for nth in 0..count {
        rows.add(format_args!("'{}',{}", key(), cast.spread(nth, count, 89) + 90 * DAY * 1000))?;
    }
    Ok(added + rows.finish()?)
}

/// Of the last 89 days.
fn audit(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let columns =
        "id,occurred_at,event,actor_type,actor_id,actor_name,subject_id,subject_name,detail,ip,request_id";
    let count = cast.size.audit_events();
    let mut random = Random::new(cast.size.seed, "audit");
    let mut rows = Rows::into(connection, "audit_events", columns, count);
    for nth in 0..count {
        let at_ms = cast.spread(nth, count, 89);
        let (id, user) = (uuid_at(at_ms, &mut random), random.below(cast.size.users));
        let (user_id, name, at) = (cast.id(user), username(user), at_ms / 1000);
        let named = format!("'{user_id}','{name}'");
        let (event, actor) = match nth % 20 {
            0..=2 => ("login_failed", "'anonymous',NULL,NULL".to_owned()),
            3 => ("logged_out", format!("'user',{named}")),
            4 if nth % 1000 == 4 => ("user_roles_changed", "'command_line',NULL,NULL".into()),
            _ => ("login_succeeded", format!("'user',{named}")),
        };
        let (ip, request) = (format!("10.1.{}.{}", nth % 250, nth % 240), format!("{:016x}", random.next()));
        rows.add(format_args!("'{id}',{at},'{event}',{actor},{named},NULL,'{ip}','{request}'"))?;
    }
    rows.finish()
}
