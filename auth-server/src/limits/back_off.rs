//! Back-off per account: who guesses passwords waits, longer each time, and nobody is locked out for good by others.
//!
//! Failures are counted twice. Under a name *and a network*, strictly: it slows one stranger down, and keeps nobody
//! else out. Under the *name alone*, leniently: it slows down many who guess together. A network that the name has
//! logged in from lately is exempt from the second, so that no number of strangers keeps somebody out where he usually
//! is.
//!
//! Names are counted as they were typed, before it is known whether anybody has them, so that a refusal tells nothing.

use std::{future::Future, iter, net::IpAddr, time::Duration};

use actix_web::{rt, web::Data};
use aws_lc_rs::digest::{Context, SHA256};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use diesel::QueryResult;
use shared_claims::Clock;
use shared_service::database::DbConnection;

use super::Network;
use crate::{
    app::AppState,
    config::CLOCK_LEEWAY,
    error::ApiError,
    store::attempts::{self, Failures, Step},
};

/// How failures under one key are answered.
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// So many are without a wait.
    free: i64,
    /// The wait doubles from a second up to this. Milliseconds.
    longest_wait: i64,
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// For a name and a network.
const PER_NETWORK: Rule = Rule { free: 5, longest_wait: 15 * MINUTE };
/// The same where the name has logged in from: whoever guesses there may share the network with its user.
const PER_KNOWN_NETWORK: Rule = Rule { free: 5, longest_wait: MINUTE };
/// For a name, from all networks that it has not logged in from.
const PER_NAME: Rule = Rule { free: 30, longest_wait: MINUTE };
/// Failures are forgotten so long after the last one.
const FORGOTTEN_AFTER: i64 = 60 * MINUTE;
/// A network is known for so long after a login, and for twice the longest life of a session: whoever logs in again when
/// his session has ended is known where he does.
const KNOWN_FOR: i64 = 90 * DAY;
/// So often at the most is it written down again.
const RENEWED_EVERY: i64 = DAY;

/// How often an attempt that others have overtaken is counted anew. Each of them was let try, so only as many overtake
/// as are allowed to.
const MAX_ROUNDS: usize = 100;

impl Rule {
    /// The wait after so many failures.
    fn wait(self, failures: i64) -> i64 {
        match failures.checked_sub(self.free) {
            Some(more @ 0..) => (SECOND << more.min(20)).min(self.longest_wait),
            _ => 0,
        }
    }

    /// What remains of the wait, in milliseconds. A time of the last failure that lies ahead, because the clock was set
    /// back, makes no wait longer.
    fn remaining(self, failures: Option<Failures>, now: i64) -> i64 {
        let Some(Failures { count, last_at, .. }) = remembered(failures, now) else { return 0 };
        last_at.min(now) + self.wait(count) - now
    }
}

/// What is not forgotten yet.
fn remembered(failures: Option<Failures>, now: i64) -> Option<Failures> {
    failures.filter(|failures| now < failures.expires_at)
}

fn failed_at(now: i64, count: i64) -> Failures {
    Failures { count, last_at: now, expires_at: now.saturating_add(FORGOTTEN_AFTER) }
}

/// Somebody who comes with a password for a name. `Debug` shows hashes: people type passwords in the place of names.
#[derive(Debug, Clone)]
pub struct Guess {
    name: String,
    name_and_network: String,
    known_network: String,
}

impl Guess {
    /// By the name as it was typed, whether or not it is one, and the address of whoever typed it.
    pub fn new(name: &str, address: Option<IpAddr>) -> Self {
        let (name, network) = (name.to_ascii_lowercase(), Network::from(address).bytes());
        let pair = [network.as_slice(), name.as_bytes()];
        Self {
            name_and_network: key("attempts by name and network", &pair),
            known_network: key("known network", &pair),
            name: key("attempts by name", &[name.as_bytes()]),
        }
    }
}

/// A hash of parts that no other purpose shares. Only the last part may vary in length.
fn key(purpose: &str, parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    context.update(b"latchkey 1 ");
    context.update(purpose.as_bytes());
    context.update(b"\0");
    for part in parts {
        context.update(part);
    }
    URL_SAFE_NO_PAD.encode(context.finish())
}

/// An attempt that counts as a failure until it turns out to be none.
#[derive(Debug)]
pub struct Counted {
    guess: Guess,
    /// Under the name and the network.
    by_network: Step,
    /// Under the name alone, unless the network is known.
    by_name: Option<Step>,
    known_until: Option<i64>,
}

/// Whether a password may be tried.
#[derive(Debug)]
pub enum Outcome {
    /// It may, and has been counted.
    MayTry(Box<Counted>),
    /// Not before this time has passed. Nothing was counted, and the wait has not become longer.
    MustWait(Duration),
    /// Others were quicker each time. Nothing was counted.
    Overtaken,
}

/// Counts an attempt before it is made, so that no number of parallel ones outruns the count. On a connection that is
/// in no transaction. For a name that nobody has it runs the same statements.
pub fn count(connection: &mut DbConnection, guess: &Guess, clock: &Clock) -> QueryResult<Outcome> {
    for _ in 0..MAX_ROUNDS {
        let now = clock.now_ms();
        let [by_network, by_name] = attempts::find(connection, [&guess.name_and_network, &guess.name])?;
        let known_until = attempts::known_until(connection, &guess.known_network)?;
        let known_until = known_until.filter(|until| now < *until);
        let per_network = if known_until.is_some() { PER_KNOWN_NETWORK } else { PER_NETWORK };
        let mut counts = vec![(per_network, &guess.name_and_network, by_network)];
        if known_until.is_none() {
            counts.push((PER_NAME, &guess.name, by_name));
        }
        let remaining = counts.iter().map(|(rule, _, failures)| rule.remaining(*failures, now)).max();
        if let Some(remaining @ 1..) = remaining {
            for (_, key, failures) in counts {
                correct_time(connection, key, failures, now)?;
            }
            return Ok(Outcome::MustWait(Duration::from_millis(remaining.unsigned_abs())));
        }
        let step = |key: &String, before| {
            let count = remembered(before, now).map_or(0, |failures| failures.count);
            Step { key: key.clone(), before, after: failed_at(now, count + 1) }
        };
        let by_network = step(&guess.name_and_network, by_network);
        let by_name = known_until.is_none().then(|| step(&guess.name, by_name));
        let counted = Counted { guess: guess.clone(), by_network, by_name, known_until };
        if attempts::advance(connection, counted.steps())? {
            return Ok(Outcome::MayTry(Box::new(counted)));
        }
    }
    Ok(Outcome::Overtaken)
}

/// The clock was set back: the wait starts now, or it would last until the clock has caught up. One that is a little
/// behind another instance's was not, and its waits are as long as the other's.
fn correct_time(
    connection: &mut DbConnection,
    key: &str,
    failures: Option<Failures>,
    now: i64,
) -> QueryResult<()> {
    match failures {
        Some(ahead) if ahead.last_at > now.saturating_add(leeway()) => {
            attempts::swap(connection, key, ahead, failed_at(now, ahead.count)).map(drop)
        }
        _ => Ok(()),
    }
}

fn leeway() -> i64 {
    i64::try_from(CLOCK_LEEWAY.as_millis()).unwrap_or(i64::MAX)
}

/// For how long a network is known after a login, when sessions live for so many seconds at the most. Milliseconds.
pub fn known_for(session_ttl: i64) -> i64 {
    KNOWN_FOR.max(session_ttl.saturating_mul(2 * SECOND))
}

impl Counted {
    /// In the order in which they are always taken, or two attempts could wait for each other.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        iter::once(&self.by_network).chain(&self.by_name)
    }

    /// The password was right. Under the name alone this attempt is taken back and no more: a login of the user gives
    /// those who guess elsewhere nothing.
    pub fn succeeded(&self, connection: &mut DbConnection, now: i64, known_for: i64) -> QueryResult<()> {
        attempts::forget(connection, &self.guess.name_and_network)?;
        if let Some(step) = &self.by_name {
            attempts::take_back(connection, step)?;
        }
        let until = now.saturating_add(known_for);
        if self.known_until.is_none_or(|known| known < until - RENEWED_EVERY) {
            attempts::remember_network(connection, &self.guess.known_network, until)?;
        }
        Ok(())
    }

    /// No password was tried.
    pub fn not_tried(&self, connection: &mut DbConnection) -> QueryResult<()> {
        self.steps().try_for_each(|step| attempts::take_back(connection, step))
    }
}

/// Lets `verify` try a password, unless this guess has to wait. `None` means that the password is wrong; an error, that
/// it was not tried. No database connection is held while it runs.
///
/// It goes on when the client goes away: otherwise a guess would count or be recorded only if whoever made it waits for
/// the answer.
pub async fn attempt<T: 'static>(
    state: &Data<AppState>,
    guess: Guess,
    verify: impl Future<Output = Result<Option<T>, ApiError>> + 'static,
) -> Result<Option<T>, ApiError> {
    let state = state.clone();
    let attempted = rt::spawn(async move {
        if state.config.limits.enabled { counted(&state, guess, verify).await } else { verify.await }
    });
    attempted.await.unwrap_or_else(|stopped| Err(ApiError::Unavailable(stopped.to_string())))
}

async fn counted<T>(
    state: &AppState,
    guess: Guess,
    verify: impl Future<Output = Result<Option<T>, ApiError>>,
) -> Result<Option<T>, ApiError> {
    let overtaken = || ApiError::Unavailable("too many logins of one name at once".into());
    let _turn = state.turns.take(&guess.name_and_network).await.ok_or_else(overtaken)?;
    let clock = state.clock.clone();
    let counted = match state.store.run::<_, ApiError, _>(move |c| Ok(count(c, &guess, &clock)?)).await? {
        Outcome::MayTry(counted) => counted,
        Outcome::MustWait(wait) => return Err(ApiError::TooManyRequests(wait)),
        Outcome::Overtaken => return Err(overtaken()),
    };
    let verified = verify.await;
    match &verified {
        Ok(None) => {}
        Ok(Some(_)) => {
            let (now, known_for) = (state.clock.now_ms(), known_for(state.session_rules.ttl));
            state.store.run::<_, ApiError, _>(move |c| Ok(counted.succeeded(c, now, known_for)?)).await?;
        }
        Err(_) => {
            let taken_back = state.store.run::<_, ApiError, _>(move |c| Ok(counted.not_tried(c)?)).await;
            if let Err(error) = taken_back {
                log::warn!("an attempt that was not made counts as a failure: {error}");
            }
        }
    }
    verified
}

/// Remembers that a name was given to somebody at this address: he will log in from there. Nobody's account fails for it.
pub async fn remember_network(state: &AppState, name: &str, address: Option<IpAddr>) {
    let key = Guess::new(name, address).known_network;
    let until = state.clock.now_ms().saturating_add(known_for(state.session_rules.ttl));
    let remember = move |c: &mut DbConnection| Ok::<_, ApiError>(attempts::remember_network(c, &key, until)?);
    if let Err(error) = state.store.run(remember).await {
        log::warn!("where somebody signed up is not remembered: {error}");
    }
}

#[cfg(test)]
#[path = "back_off_tests.rs"]
mod tests;
