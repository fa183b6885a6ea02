//! What administrators do: everything under `/admin`.

pub(crate) mod clients;

mod audit;
mod keys;
mod sessions;
mod user;
mod users;

pub(crate) use audit::{EventView, audit};
pub(crate) use keys::{list_keys, rotate_keys};
pub(crate) use sessions::{end_sessions, list_sessions};
pub(crate) use user::{change_user, delete_user, user};
pub(crate) use users::{add_user, list_users};

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CACHE_CONTROL, HeaderValue},
    middleware::Next,
};

use utoipa::OpenApi;

use crate::access::CurrentAdmin;

/// What this folder answers; [`clients`] has a part of its own.
#[derive(OpenApi)]
#[openapi(
    tags(
        (name = "admin-users", description = "Everybody's accounts and sessions. For administrators."),
        (name = "admin-keys", description = "What signs tokens. For administrators."),
        (name = "admin-audit", description = "Who did what, when, from where. For administrators."),
    ),
    paths(
        users::list_users,
        users::add_user,
        user::user,
        user::change_user,
        user::delete_user,
        sessions::list_sessions,
        sessions::end_sessions,
        keys::list_keys,
        keys::rotate_keys,
        audit::audit,
    ),
)]
pub(crate) struct Document;

/// Lets administrators in, and nobody else, before anything of the request is read or looked up. No cache keeps what they
/// see.
pub(crate) async fn administrators_only(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let admin = match CurrentAdmin::of(request.request()).await {
        Ok(admin) => admin,
        Err(error) => return Ok(request.error_response(error)),
    };
    request.extensions_mut().insert(admin);
    let mut response = next.call(request).await?.map_into_boxed_body();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
