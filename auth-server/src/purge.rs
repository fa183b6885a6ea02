//! Forgets what no token and no refresh token can name any more, sessions that are over and revoked places in status
//! lists, passwords that were tried in vain long ago, and old events of the audit trail. Off the request path, in lots; any number of instances may do it
//! at once.

use std::time::Duration;

use actix_web::web::Data;
use diesel::QueryResult;
use shared_service::database::DbConnection;

use crate::{
    app::AppState,
    error::ApiError,
    store::{
        attempts, audit,
        sessions::{self, Outlived},
        statuses,
    },
};

/// How often a server does it.
pub const PURGE_EVERY: Duration = Duration::from_mins(1);

/// Rows that are deleted at once: so few that nobody waits long behind them.
const LOT: i64 = 500;

/// How many rows were found and deleted. Of several instances that purge at once, each counts what it found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Sessions.
    pub sessions: usize,
    /// Revoked places.
    pub revoked_places: usize,
    /// Names, with a network or without, under which passwords were tried in vain.
    pub login_attempts: usize,
    /// Networks that a name has not logged in from for long.
    pub known_networks: usize,
    /// Events of the audit trail.
    pub audit_events: usize,
}

/// Purges for as long as the server runs. What fails is tried again the next time.
pub async fn purge_on_a_timer(state: Data<AppState>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        match purge(&state).await {
            Ok(purged) => log::debug!("purged {purged:?}"),
            Err(error) => log::warn!("the purge failed and is tried again: {error}"),
        }
    }
}

/// Purges once. The list of a session is published as long as its row is there, so the row stays until every token of it
/// has expired by any clock.
pub async fn purge(state: &AppState) -> Result<Purged, ApiError> {
    let now = state.clock.now_secs();
    let ended = now.saturating_sub_unsigned(state.config.tokens_are_taken_for().as_secs());
    let outlived = Outlived { ended, last_used: ended.saturating_sub(state.session_rules.idle_ttl) };
    let now_ms = state.clock.now_ms();
    Ok(Purged {
        sessions: in_lots(state, move |c| sessions::purge(c, outlived, LOT)).await?,
        revoked_places: in_lots(state, move |c| statuses::purge(c, now, LOT)).await?,
        login_attempts: in_lots(state, move |c| attempts::purge_attempts(c, now_ms, LOT)).await?,
        known_networks: in_lots(state, move |c| attempts::purge_networks(c, now_ms, LOT)).await?,
        audit_events: match state.config.audit.retention.0 {
            Some(kept) => {
                in_lots(state, move |c| audit::purge(c, now.saturating_sub(kept.as_secs()), LOT)).await?
            }
            None => 0,
        },
    })
}

/// Deletes one lot after the other until one is not full, and tells how many were found.
async fn in_lots(
    state: &AppState,
    purge: impl Fn(&mut DbConnection) -> QueryResult<usize> + Copy + Send + 'static,
) -> Result<usize, ApiError> {
    let mut purged = 0;
    loop {
        let lot = state.store.run::<_, ApiError, _>(move |c| Ok(purge(c)?)).await?;
        purged += lot;
        if !is_full(lot) {
            return Ok(purged);
        }
    }
}

fn is_full(lot: usize) -> bool {
    i64::try_from(lot).is_ok_and(|lot| lot >= LOT)
}
