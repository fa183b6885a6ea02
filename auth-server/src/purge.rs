//! Forgets what no token and no refresh token can name any more: sessions that are over, and revoked places in status
//! lists. Off the request path, in lots; any number of instances may do it at once.

use std::time::Duration;

use actix_web::web::Data;

use crate::{
    app::AppState,
    error::ApiError,
    store::{
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
    let mut purged = Purged::default();
    loop {
        let lot = state.store.run::<_, ApiError, _>(move |c| Ok(sessions::purge(c, outlived, LOT)?)).await?;
        purged.sessions += lot;
        if !is_full(lot) {
            break;
        }
    }
    loop {
        let lot = state.store.run::<_, ApiError, _>(move |c| Ok(statuses::purge(c, now, LOT)?)).await?;
        purged.revoked_places += lot;
        if !is_full(lot) {
            return Ok(purged);
        }
    }
}

fn is_full(lot: usize) -> bool {
    i64::try_from(lot).is_ok_and(|lot| lot >= LOT)
}
