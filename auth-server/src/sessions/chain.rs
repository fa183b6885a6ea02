//! How a refresh chain advances.
//!
//! - The chain advances at most once per grace; the first refresh after a login always advances it.
//! - Within the grace after an advance, the newest link and its predecessor both get the newest link, without a write:
//!   several tabs, or a retry after a lost answer.
//! - A link whose successor is older than that is a replay, by a thief or against one: the session ends.
//! - A link ahead of its row is genuine only if the database was restored from an older copy: the row follows it.

use diesel::QueryResult;
use shared_claims::Clock;
use shared_service::database::{self, DbConnection};

use super::{RefreshToken, SessionReading, SessionRules};
use crate::{
    audit::{Event, Recorder},
    store::{
        sessions::{self, Advance},
        statuses::Revocation,
    },
    tokens::{Excess, KeyRing},
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
    /// The session allows less than was asked for. The link is as good as before.
    Excess(Excess),
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

/// The session that a refresh with `link` would go on, by the rules of a refresh. Nothing is written: to ask about a
/// link neither advances its chain nor ends the session of one that is replayed.
pub fn inspect(
    connection: &mut DbConnection,
    keys: &KeyRing,
    rules: &SessionRules,
    link: &RefreshToken,
    now_ms: i64,
) -> QueryResult<Option<SessionReading>> {
    let goes_on = |reading: &SessionReading| {
        rules.is_alive(reading, now_ms / 1000)
            && step(reading, link.generation(), rules.refresh_grace_ms, now_ms) != Step::Replay
    };
    Ok(identify(connection, keys, link)?.filter(goes_on))
}

/// What a refresh is decided with.
#[derive(Debug)]
pub struct Chain<'a> {
    /// The secrets behind the links.
    pub keys: &'a KeyRing,
    /// How long sessions live.
    pub rules: &'a SessionRules,
    /// When the link was shown, in Unix milliseconds, however long the database takes: who came in time is in time.
    pub shown_at: i64,
    /// When the chain advances, for whom the answer does not reach: the grace is his time to come again.
    pub clock: &'a Clock,
    /// How the tokens of a session are revoked that ends now.
    pub revocation: Revocation,
    /// Who presents the link, which is not known: it may be a thief.
    pub recorder: Recorder,
}

impl Chain<'_> {
    /// Exchanges a link for the newest one, if the session allows what the client asks for. Every statement commits by
    /// itself; the advance is one compare-and-swap.
    pub fn refresh(
        &self,
        connection: &mut DbConnection,
        link: &RefreshToken,
        allows: impl Fn(&SessionReading) -> Result<(), Excess>,
    ) -> QueryResult<Result<Refreshed, Refusal>> {
        for _ in 0..ATTEMPTS {
            let Some(reading) = identify(connection, self.keys, link)? else {
                return Ok(Err(Refusal::Unknown));
            };
            if !self.rules.is_alive(&reading, self.shown_at / 1000) {
                return Ok(Err(Refusal::Ended));
            }
            let step = step(&reading, link.generation(), self.rules.refresh_grace_ms, self.shown_at);
            let allowed = allows(&reading).map_err(Refusal::Excess);
            let to = match (step, allowed) {
                (Step::Replay, _) => {
                    self.end_replayed(connection, &reading)?;
                    return Ok(Err(Refusal::Replayed));
                }
                (_, Err(excess)) => return Ok(Err(excess)),
                (Step::Repeat, Ok(())) => return Ok(Ok(Refreshed(reading))),
                (Step::Advance, Ok(())) => reading.session.generation + 1,
                (Step::CatchUp, Ok(())) => {
                    log::warn!(
                        "session {} follows a link ahead of its row: was the database restored from a copy without \
                         `auth-server db restored`?",
                        reading.session.id
                    );
                    link.generation()
                }
            };
            if let Some(advanced) = advance(connection, reading, to, self.clock.now_ms())? {
                return Ok(Ok(Refreshed(advanced)));
            }
        }
        Ok(Err(Refusal::Contended))
    }

    fn end_replayed(&self, connection: &mut DbConnection, reading: &SessionReading) -> QueryResult<()> {
        let SessionReading { session, user, .. } = reading;
        log::warn!("replayed refresh token: session {} of user {} ends", session.id, user.id);
        database::transaction(connection, |c| {
            if sessions::end(c, &session.id, self.revocation)? {
                self.recorder.write(c, Event::RefreshTokenReplayed, Some(&user.into()), Some(&session.id))?;
            }
            Ok(())
        })
    }
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
        status: reading.session.status(),
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
