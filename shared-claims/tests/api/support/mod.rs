//! What the tests share: servers that misbehave on demand, and waiting without luck.

mod key_server;
mod list_server;
mod token_server;

use std::time::Duration;

use actix_web::{App, HttpServer, dev::ServerHandle, web::ServiceConfig};
use tokio::time::{Instant, advance, pause, resume, sleep};

pub(crate) use self::{
    key_server::{Answer, KeyServer},
    list_server::ListServer,
    token_server::{Reply, TokenServer},
};

pub(crate) const AUDIENCE: &str = "notes-service";

/// Starts a server of one worker on a free port of this machine; its address, and what stops it.
pub(crate) fn serve(routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> (String, ServerHandle) {
    let server = HttpServer::new(move || App::new().configure(routes.clone()))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(0)
        .bind("127.0.0.1:0")
        .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (url, handle)
}

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
