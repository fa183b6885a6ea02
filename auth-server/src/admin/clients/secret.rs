//! `POST` and `DELETE /admin/clients/{client_id}/secret`: the two halves of replacing a secret, first the new one comes,
//! and when it is in use everywhere the older one goes.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{ByAdmin, ClientPath, ClientView, WithSecret, checked_id};
use crate::{
    app::AppState,
    clients::{Secret, changes},
    error::ApiError,
};

/// Adds a second secret
///
/// The first half of replacing one: both are good until the older one is ended.
#[utoipa::path(
    post, path = "/admin/clients/{client_id}/secret", tag = "admin-clients", operation_id = "addClientSecret",
    params(ClientPath),
    responses(
        (status = 200, description = "The secret, shown this once.", body = WithSecret),
        (status = 404, description = "`client_not_found`."),
        (status = 409, description = "`two_secrets`: end the older one first."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn add_secret(
    ByAdmin(occasion): ByAdmin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (id, secret) = (checked_id(id.into_inner())?, Secret::random()?);
    let added = state.store.transaction::<_, ApiError, _>(move |c| {
        let client = changes::add_secret(c, &id, &secret, &occasion)?;
        Ok(WithSecret::new(ClientView::read(c, client)?, &secret))
    });
    let added = added.await?;
    Ok(HttpResponse::Ok().json(added))
}

/// Ends the older of two secrets
///
/// The second half of replacing one: when the new secret is in use everywhere.
#[utoipa::path(
    delete, path = "/admin/clients/{client_id}/secret", tag = "admin-clients", operation_id = "endOlderClientSecret",
    params(ClientPath),
    responses(
        (status = 204, description = "The older secret is good no more."),
        (status = 404, description = "`client_not_found`."),
        (status = 409, description = "`last_secret`: add the new one first, or switch the client off."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn end_older_secret(
    ByAdmin(occasion): ByAdmin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = checked_id(id.into_inner())?;
    let ended =
        state.store.transaction::<_, ApiError, _>(move |c| Ok(changes::end_older_secret(c, &id, &occasion)?));
    ended.await?;
    Ok(HttpResponse::NoContent().finish())
}
