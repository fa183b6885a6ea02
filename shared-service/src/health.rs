//! `/health/live` and `/health/ready`, and the probe behind the `health` command.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use anyhow::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Problem;

const RETRY_AFTER: Duration = Duration::from_secs(1);
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// The state of one part the service needs: its name, and what is wrong with it in words fit for strangers.
#[derive(Debug)]
pub struct Check {
    /// Such as `database` or `keys`.
    pub part: &'static str,
    /// What fails, without addresses or secrets.
    pub failure: Option<&'static str>,
}

/// The process runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Live {
    #[schema(inline)]
    status: IsLive,
}

/// Every part works.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    #[schema(inline)]
    status: IsReady,
    /// `ok` by the name of each part.
    checks: BTreeMap<&'static str, &'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum IsLive {
    Live,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum IsReady {
    Ready,
}

/// The answer of `/health/live`: the process runs and answers.
pub fn live() -> HttpResponse {
    HttpResponse::Ok().json(Live { status: IsLive::Live })
}

/// The answer of `/health/ready`: 200 when every part works, else 503 that names the failing ones.
pub fn ready(checks: &[Check]) -> HttpResponse {
    let failing: Vec<String> =
        checks.iter().filter_map(|check| check.failure.map(|why| format!("{}: {why}", check.part))).collect();
    if failing.is_empty() {
        let checks = checks.iter().map(|check| (check.part, "ok")).collect();
        return HttpResponse::Ok().json(Ready { status: IsReady::Ready, checks });
    }
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "A part of the service does not work.")
        .detail(failing.join("; "))
        .retry_after(RETRY_AFTER)
        .error_response()
}

/// Asks the server at `listen` whether it is ready; an error says why not. An unspecified address means this machine.
pub async fn probe(listen: SocketAddr) -> anyhow::Result<()> {
    let host = match listen.ip() {
        ip if !ip.is_unspecified() => listen.to_string(),
        ip if ip.is_ipv4() => format!("127.0.0.1:{}", listen.port()),
        _ => format!("[::1]:{}", listen.port()),
    };
    let url = format!("http://{host}/health/ready");
    let client = reqwest::Client::builder().no_proxy().timeout(PROBE_TIMEOUT).build()?;
    let response = client.get(&url).send().await.with_context(|| format!("{url} does not answer"))?;
    let status = response.status();
    anyhow::ensure!(
        status.is_success(),
        "{url} answers {status}: {}",
        response.text().await.unwrap_or_default()
    );
    Ok(())
}
