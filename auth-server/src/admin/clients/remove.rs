//! `DELETE /admin/clients/{client_id}`: removes a client.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};

use super::{ByAdmin, checked_id};
use crate::{app::AppState, clients::changes, error::ApiError};

/// `DELETE /admin/clients/{client_id}`.
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
