//! What the tests share: servers that misbehave on demand, and waiting without luck.

mod key_server;
mod list_server;
mod token_server;

use std::time::Duration;

use tokio::time::{Instant, advance, pause, resume, sleep};

pub(crate) use self::{
    key_server::{Answer, KeyServer},
    list_server::ListServer,
    token_server::{Reply, TokenServer},
};

pub(crate) const AUDIENCE: &str = "notes-service";

/// Waits until `condition` holds, for at most ten seconds.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "never came true: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}

/// Lets this runtime's time jump ahead. Time stands still for the jump alone, so that real connections do not time out
/// before or after.
pub(crate) async fn skip(seconds: u64) {
    pause();
    advance(Duration::from_secs(seconds)).await;
    resume();
}
