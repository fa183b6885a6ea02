//! How a refresh chain advances.
//!
//! - The chain advances at most once per grace; the first refresh after a login always advances it.
//! - Within the grace after an advance, the newest link and its predecessor both get the newest link, without a write:
//!   several tabs, or a retry after a lost answer.
//! - A link whose successor is older than that is a replay, by a thief or against one: the session ends.
//! - A link ahead of its row is genuine only if the database was restored from an older copy: the row follows it.

use diesel::QueryResult;
use shared_service::database::DbConnection;

use super::{RefreshToken, SessionReading, SessionRules};
use crate::{
    store::sessions::{self, Advance},
    tokens::KeyRing,
};

/// Lost races before a client is told to come back. Each lost race is another client's success.
const ATTEMPTS: usize = 8;

/// The session after a refresh: its newest generation is the link to hand out.
#[derive(Debug)]
pub struct Refreshed(pub SessionReading);

/// Why there is no new link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Not made by us, or for a session that is gone. Nobody's session suffers.
    Unknown,
    /// The session has ended or expired, or its user may not use it.
    Ended,
    /// A link that had a successor for longer than the grace. The session was ended.
    Replayed,
    /// Too many clients advance the chain at once.
    Contended,
}

/// Finds the session that `link` genuinely belongs to, ended or not.
pub fn identify(
    connection: &mut DbConnection,
    keys: &KeyRing,
    link: &RefreshToken,
) -> QueryResult<Option<SessionReading>> {
    let Some(secret) = keys.secret(link.secret_id()) else { return Ok(None) };
    let reading = sessions::find(connection, &link.session_id().to_string())?;
    Ok(reading.filter(|reading| link.is_genuine(secret, &reading.session.nonce)))
}

/// Exchanges a link for the newest one. Every statement commits by itself; the advance is one compare-and-swap.
pub fn refresh(
    connection: &mut DbConnection,
    keys: &KeyRing,
    rules: &SessionRules,
    now_ms: i64,
    link: &RefreshToken,
) -> QueryResult<Result<Refreshed, Refusal>> {
    for _ in 0..ATTEMPTS {
        let Some(reading) = identify(connection, keys, link)? else { return Ok(Err(Refusal::Unknown)) };
        if !rules.is_alive(&reading, now_ms / 1000) {
            return Ok(Err(Refusal::Ended));
        }
        let to = match step(&reading, link.generation(), rules.refresh_grace_ms, now_ms) {
            Step::Repeat => return Ok(Ok(Refreshed(reading))),
            Step::Replay => {
                sessions::end(connection, &reading.session.id, now_ms / 1000)?;
                log::warn!(
                    "replayed refresh token: session {} of user {} ended",
                    reading.session.id,
                    reading.user.id
                );
                return Ok(Err(Refusal::Replayed));
            }
            Step::CatchUp => {
                log::warn!(
                    "session {} follows a link ahead of its row; was the database restored?",
                    reading.session.id
                );
                link.generation()
            }
            Step::Advance => reading.session.generation + 1,
        };
        if let Some(advanced) = advance(connection, reading, to, now_ms)? {
            return Ok(Ok(Refreshed(advanced)));
        }
    }
    Ok(Err(Refusal::Contended))
}

fn advance(
    connection: &mut DbConnection,
    mut reading: SessionReading,
    to: i64,
    now_ms: i64,
) -> QueryResult<Option<SessionReading>> {
    let swap = Advance {
        id: &reading.session.id,
        from: reading.session.generation,
        to,
        now_ms,
        user_version: reading.user.version,
    };
    if !sessions::advance(connection, &swap)? {
        return Ok(None);
    }
    reading.session.generation = to;
    reading.session.advanced_at = Some(now_ms);
    reading.session.last_used_at = now_ms / 1000;
    Ok(Some(reading))
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Advance,
    Repeat,
    Replay,
    CatchUp,
}

fn step(reading: &SessionReading, generation: i64, grace_ms: i64, now_ms: i64) -> Step {
    let newest = reading.session.generation;
    // A clock that was set back has not made the link any older.
    let in_grace = reading.session.advanced_at.is_some_and(|at| (now_ms - at).max(0) < grace_ms);
    match generation {
        ahead if ahead > newest => Step::CatchUp,
        same if same == newest && !in_grace => Step::Advance,
        near if near >= newest - 1 && in_grace => Step::Repeat,
        _ => Step::Replay,
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
