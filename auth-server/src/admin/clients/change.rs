//! `PATCH /admin/clients/{client_id}`: renames a client, replaces its scopes, switches it on or off.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;
use shared_service::{FieldError, json::Json};

use super::{ByAdmin, ClientView, checked_id, scopes::UncheckedScopes};
use crate::{
    app::AppState,
    clients::{ClientChange, ClientName, changes},
    error::ApiError,
};

/// The body. A member that is left out, or null, stays as it is.
#[derive(Deserialize)]
pub(crate) struct ChangeClientRequest {
    name: Option<String>,
    scopes: Option<UncheckedScopes>,
    is_active: Option<bool>,
}

impl ChangeClientRequest {
    /// Checks the input and names every fault at once.
    fn parse(&self) -> Result<ClientChange, ApiError> {
        let mut errors = Vec::new();
        let mut keep = |field: &str, message: &str| errors.push(FieldError::new(field, message));
        let name = self.name.as_deref().map(ClientName::parse).transpose();
        let name = name.map_err(|message| keep("name", message)).ok().flatten();
        let scopes = self.scopes.as_ref().map(UncheckedScopes::check).transpose();
        let scopes = scopes.map_err(|message| keep("scopes", message)).ok().flatten();
        let change = ClientChange { name, scopes, is_active: self.is_active };
        if errors.is_empty() && change.is_empty() {
            errors.push(FieldError::new("body", "must have name, scopes or is_active"));
        }
        if errors.is_empty() { Ok(change) } else { Err(ApiError::InvalidInput(errors)) }
    }
}

/// `PATCH /admin/clients/{client_id}`.
pub(crate) async fn change(
    ByAdmin(occasion): ByAdmin,
    state: Data<AppState>,
    id: Path<String>,
    Json(body): Json<ChangeClientRequest>,
) -> Result<HttpResponse, ApiError> {
    let (id, change) = (checked_id(id.into_inner())?, body.parse()?);
    let changed = state.store.transaction::<_, ApiError, _>(move |c| {
        let client = changes::change(c, &id, &change, &occasion)?;
        ClientView::read(c, client)
    });
    let client = changed.await?;
    Ok(HttpResponse::Ok().json(client))
}
