//! Commands that a deployment runs by itself do not fail for what passes.

use std::{thread, time::Duration};

use diesel::result::Error;
use shared_service::database::is_transient;

const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// Does `work` until it succeeds, or fails for a reason that does not pass, or has failed too often. What is tried again
/// must have left nothing behind: one transaction.
pub(super) fn retried<T>(
    mut work: impl FnMut() -> anyhow::Result<T>,
    passes: impl Fn(&anyhow::Error) -> bool,
) -> anyhow::Result<T> {
    let mut tries = 1;
    loop {
        match work() {
            Err(error) if tries < TRIES && passes(&error) => thread::sleep(PAUSE * tries),
            outcome => return outcome,
        }
        tries += 1;
    }
}

/// Whether a query failed for reasons that pass.
pub(super) fn is_passing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Error>().is_some_and(is_transient)
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorKind;

    use super::*;

    fn passing() -> Error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new("deadlock detected".to_owned()))
    }

    #[test]
    fn what_passes_is_tried_again_and_not_for_ever() {
        let outcome_of = |failures: u32, error: fn() -> Error| {
            let mut tries = 0;
            let work = || {
                tries += 1;
                if tries > failures { Ok(()) } else { Err(error().into()) }
            };
            let outcome = retried(work, is_passing);
            (outcome.is_ok(), tries)
        };
        assert_eq!(outcome_of(0, passing), (true, 1));
        assert_eq!(outcome_of(2, passing), (true, 3));
        assert_eq!(outcome_of(TRIES, passing), (false, TRIES));
        assert_eq!(outcome_of(1, || Error::NotFound), (false, 1));
    }
}
