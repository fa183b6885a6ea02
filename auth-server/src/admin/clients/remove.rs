//! `DELETE /admin/clients/{client_id}`: removes a client.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{ByAdmin, ClientPath, checked_id};
use crate::{app::AppState, clients::changes, error::ApiError};

/// Removes a client
///
/// Its tokens are revoked and its name is free.
#[utoipa::path(
    delete, path = "/admin/clients/{client_id}", tag = "admin-clients", operation_id = "removeClient",
    params(ClientPath),
    responses(
        (status = 204, description = "The client is gone."),
        (status = 404, description = "`client_not_found`."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn remove(
    ByAdmin(occasion): ByAdmin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = checked_id(id.into_inner())?;
    let removed = state.store.transaction::<_, ApiError, _>(move |c| Ok(changes::remove(c, &id, &occasion)?));
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}
