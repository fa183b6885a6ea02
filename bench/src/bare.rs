//! The framework alone: what any endpoint costs before it does anything.

use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, rt::System, web};
use anyhow::Result;

/// As much as `GET /` of the servers answers.
const BODY: &str = r#"{"service":"bare endpoint","status":"running","version":"0.1.0"}"#;

/// Serves `GET /` on this port of the loopback, with as many workers as the servers have, until it is killed.
pub(crate) fn serve(port: u16) -> Result<()> {
    let app = || App::new().route("/", web::get().to(answer));
    let server = HttpServer::new(app).keep_alive(Duration::from_mins(1)).bind(("127.0.0.1", port))?;
    Ok(System::new().block_on(server.run())?)
}

async fn answer() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(BODY)
}
