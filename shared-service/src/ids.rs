//! Identifiers: UUIDv7 (RFC 9562 §5.7), made here so that no engine has to return them.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::{ContextV7, Timestamp, Uuid};

/// A source of UUIDv7 that grow strictly within one process, also inside one millisecond. Clones are the same source.
#[derive(Debug, Clone, Default)]
pub struct Ids(Arc<Mutex<ContextV7>>);

impl Ids {
    /// A new source.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next id, for the time `now_ms` (Unix milliseconds).
    pub fn next(&self, now_ms: i64) -> Uuid {
        let context = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let millis = u64::try_from(now_ms).unwrap_or(0);
        let nanos = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(&*context, millis / 1000, nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_within_a_millisecond_and_carry_their_time() {
        let ids = Ids::new();
        let made: Vec<Uuid> = (0..5000).map(|_| ids.next(1_800_000_000_123)).collect();
        assert!(made.is_sorted() && made[0] != made[1]);
        let (seconds, nanos) = made[0].get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos / 1_000_000), (1_800_000_000, 123));
    }
}
