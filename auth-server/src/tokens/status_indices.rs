//! Places in status lists for new lines of tokens, reserved a block at a time.

use std::{collections::VecDeque, time::Duration};

use shared_service::database::Store;
use tokio::{sync::Mutex, time::timeout};

use crate::{
    error::ApiError,
    store::statuses::{self, StatusIndex},
};

/// So many that the counter is rarely written, so few that a restart wastes little of a list.
const BLOCK: i64 = 1024;
/// How long a login waits for another that reserves a block.
const RESERVE_WAIT: Duration = Duration::from_secs(3);

/// The places that this instance has reserved and not yet given out.
#[derive(Debug, Default)]
pub struct StatusIndices(Mutex<VecDeque<StatusIndex>>);

impl StatusIndices {
    /// A place that nobody else has or will have. It is reserved in a transaction of its own: were it part of another
    /// that is rolled back, the block in memory would be reserved by the next instance too.
    ///
    /// Places from before the database was restored are thrown away: whatever names them counts as revoked.
    pub async fn next(&self, store: &Store) -> Result<StatusIndex, ApiError> {
        let counter = store.run::<_, ApiError, _>(|c| Ok(statuses::counter(c)?)).await?;
        // Locked while a block is reserved, so that logins that come together reserve one, and not one each.
        // Not for longer than for a connection: behind a counter that is held, everybody would wait for all before him.
        let reserved = timeout(RESERVE_WAIT, self.0.lock()).await;
        let mut reserved = reserved.map_err(|_| ApiError::Unavailable("places are being reserved".into()))?;
        loop {
            while let Some(status) = reserved.pop_front() {
                if status.list >= counter.first_list {
                    return Ok(status);
                }
            }
            let block = store.transaction::<_, ApiError, _>(|c| Ok(statuses::reserve(c, BLOCK)?)).await?;
            reserved.extend(block);
        }
    }
}
