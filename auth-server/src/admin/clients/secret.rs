//! `POST` and `DELETE /admin/clients/{client_id}/secret`: the two halves of replacing a secret, first the new one comes,
//! and when it is in use everywhere the older one goes.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{ByAdmin, ClientView, WithSecret, checked_id};
use crate::{
    app::AppState,
    clients::{Secret, changes},
    error::ApiError,
};

/// `POST /admin/clients/{client_id}/secret`: a second secret, shown this once.
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

/// `DELETE /admin/clients/{client_id}/secret`: the older of two ends.
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
