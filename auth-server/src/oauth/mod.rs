//! OAuth 2.0 endpoints: `POST /oauth/token` (RFC 6749 §3.2), `POST /oauth/revoke` (RFC 7009), `POST /oauth/introspect` (RFC
//! 7662) and `GET /oauth/status-lists…` (draft-ietf-oauth-status-list). Errors are those of RFC 6749 §5.2.

mod client_auth;
mod described;
mod error;
mod form;
mod grants;
mod introspect;
mod revoke;
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
use utoipa::OpenApi;

use self::described::{AnyForm, OAuthErrors};
use crate::limits;

pub(crate) use introspect::INTROSPECT;
pub(crate) use status_lists::status_list_routes;

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "oauth", description = "OAuth 2.0, for services and for clients that are no browsers.")),
    paths(
        token::token,
        revoke::revoke,
        introspect::introspect,
        status_lists::status_lists,
        status_lists::status_list,
    ),
    components(schemas(error::Members)),
    modifiers(&OAuthErrors, &AnyForm),
)]
pub(crate) struct Document;

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
        .service(web::resource("/token").route(web::post().to(token::token).wrap(from_fn(limits::token))))
        .service(web::resource("/revoke").route(web::post().to(revoke::revoke).wrap(from_fn(limits::token))))
        .service(
            web::resource("/introspect")
                .route(web::post().to(introspect::introspect).wrap(from_fn(limits::introspect))),
        )
        .default_service(web::to(server::not_found))
}
