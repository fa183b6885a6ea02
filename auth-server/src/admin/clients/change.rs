//! `PATCH /admin/clients/{client_id}`: renames a client, replaces its scopes, switches it on or off.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;
use shared_service::{FieldError, json::Json};
use utoipa::ToSchema;

use super::{ByAdmin, ClientPath, ClientView, checked_id, scopes::UncheckedScopes};
use crate::{
    app::AppState,
    clients::{ClientChange, ClientName, changes},
    error::ApiError,
};

/// What is to change: at least one of these. A member that is left out, or null, stays as it is.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangeClientRequest {
    /// Visible characters, with no blank at either end.
    #[schema(min_length = 1, max_length = 64)]
    name: Option<String>,
    /// All that its tokens may allow from now on, and nothing else.
    scopes: Option<UncheckedScopes>,
    /// Whether it gets tokens. Off revokes those that it has.
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

/// Changes a client
///
/// Tokens with other scopes than it has now are revoked, and so are all when it is switched off.
#[utoipa::path(
    patch, path = "/admin/clients/{client_id}", tag = "admin-clients", operation_id = "changeClient",
    params(ClientPath),
    request_body = ChangeClientRequest,
    responses(
        (status = 200, description = "The client as it is now.", body = ClientView),
        (status = 404, description = "`client_not_found`."),
        (status = 409, description = "`client_name_taken`: choose another name."),
    ),
    security(("accessToken" = ["admin"])),
)]
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
