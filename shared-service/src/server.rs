//! Listening, serving, and stopping gracefully.

use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, dev::Server, middleware::from_fn, web::ServiceConfig};
use anyhow::Context;

use crate::{body, config::Listen, request::request_scope};

const SHUTDOWN_SECONDS: u64 = 10;

/// Runs a program to its end, and does not wait after that for threads that a silent database still holds.
pub fn block_on<T>(program: impl Future<Output = T>) -> T {
    let system = actix_web::rt::System::new();
    let outcome = system.block_on(program);
    std::mem::forget(system);
    outcome
}

/// Takes the address, so that a port in use stops the start with one clear line.
pub fn bind(listen: Listen) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(listen.0)
        .with_context(|| format!("cannot listen on {listen}; is another program using the port?"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves `routes` inside [`request_scope`].
///
/// On SIGTERM the server stops accepting, finishes what is in flight for at most ten seconds, and its future ends.
/// `name` stands in the log line that tells the bound address: `<name> listening on http://<address>`.
pub fn serve(
    name: &str,
    listener: TcpListener,
    routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> anyhow::Result<Server> {
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        App::new().app_data(body::limit()).configure(routes.clone()).wrap(from_fn(request_scope))
    })
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .listen(listener)?
    .run();
    log::info!("{name} listening on http://{address}");
    Ok(server)
}

/// The answer to paths that do not exist, for use as a default service. The envelope is added by the request scope.
pub async fn not_found() -> HttpResponse {
    HttpResponse::NotFound().finish()
}
