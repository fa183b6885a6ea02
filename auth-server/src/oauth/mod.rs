//! OAuth 2.0 endpoints: `POST /oauth/token` (RFC 6749 §3.2) and `GET /oauth/status-lists…` (draft-ietf-oauth-status-list).
//! Errors are those of RFC 6749 §5.2.

mod client_auth;
mod error;
mod form;
mod status_lists;
mod token;

use actix_web::{
    Error, Scope,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};
use shared_service::server;

pub(crate) use status_lists::status_list_routes;

/// The routes under `/oauth`.
pub(crate) fn routes() -> Scope<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    web::scope("/oauth")
        .wrap(from_fn(error::as_oauth))
        .service(web::resource("/token").post(token::token))
        .default_service(web::to(server::not_found))
}
