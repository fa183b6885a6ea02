//! `POST /admin/clients`: makes a client.

use actix_web::{HttpResponse, http::header::LOCATION, web::Data};
use serde::Deserialize;
use shared_service::{FieldError, json::Json};
use utoipa::ToSchema;

use super::{ByAdmin, ClientView, WithSecret, scopes::UncheckedScopes};
use crate::{
    app::AppState,
    clients::{ClientName, NewClient, Secret, changes},
    error::ApiError,
};

/// The service that is to have tokens.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AddClientRequest {
    /// Visible characters, with no blank at either end.
    #[schema(min_length = 1, max_length = 64, examples("resource-api"))]
    name: String,
    scopes: UncheckedScopes,
}

impl AddClientRequest {
    /// Checks the input and names every fault at once.
    fn parse(&self) -> Result<NewClient, ApiError> {
        let mut errors = Vec::new();
        let mut keep = |field: &str, message: &str| errors.push(FieldError::new(field, message));
        let name = ClientName::parse(&self.name).map_err(|message| keep("name", message));
        let scopes = self.scopes.check().map_err(|message| keep("scopes", message));
        match (name, scopes) {
            (Ok(name), Ok(scopes)) => Ok(NewClient { id: None, name, scopes }),
            _ => Err(ApiError::InvalidInput(errors)),
        }
    }
}

/// Makes a client
///
/// The answer shows the secret, which nobody can look up afterwards.
#[utoipa::path(
    post, path = "/admin/clients", tag = "admin-clients", operation_id = "addClient",
    request_body = AddClientRequest,
    responses(
        (status = 201, description = "The client was made.", body = WithSecret,
            headers(("Location" = String, description = "Where administrators read the client."))),
        (status = 409, description = "`client_name_taken`: choose another name."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn add(
    ByAdmin(occasion): ByAdmin,
    state: Data<AppState>,
    Json(body): Json<AddClientRequest>,
) -> Result<HttpResponse, ApiError> {
    let (new, secret) = (body.parse()?, Secret::random()?);
    let made = state.store.transaction::<_, ApiError, _>(move |c| {
        let client = changes::add(c, new, &secret, &occasion)?;
        Ok(WithSecret::new(ClientView::read(c, client)?, &secret))
    });
    let made = made.await?;
    let location = state.config.issuer.join(&format!("/admin/clients/{}", made.client.client_id));
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(made))
}
