//! `GET /`: which program answers.

use serde::Serialize;
use utoipa::ToSchema;

/// Which program answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceInfo {
    #[schema(examples("auth-server"))]
    service: &'static str,
    #[schema(inline)]
    status: Status,
    /// Of the program.
    #[schema(examples("0.1.0"))]
    version: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Running,
}

impl ServiceInfo {
    /// What a program says of itself; while it answers, it runs.
    pub const fn new(service: &'static str, version: &'static str) -> Self {
        Self { service, status: Status::Running, version }
    }
}
