//! `GET /admin/clients`, `GET /admin/clients/{client_id}`: which services have tokens of their own.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use shared_service::{
    database::DbConnection,
    page::{Page, Paged},
};

use super::{ClientPath, ClientView, checked_id};
use crate::{
    access::CurrentAdmin,
    app::AppState,
    clients::{client_id_of, uuid_part},
    error::ApiError,
    store::clients::{self, Client},
};

/// A page of clients.
type ClientPage = Paged<ClientView>;

/// Lists the clients
///
/// Newest first.
#[utoipa::path(
    get, path = "/admin/clients", tag = "admin-clients", operation_id = "listClients",
    params(Page),
    responses((status = 200, description = "A page of clients.", body = ClientPage)),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn list(
    _: CurrentAdmin,
    state: Data<AppState>,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let rows = state.store.run(move |c| read_page(c, &page)).await?;
    let items = page.build(
        rows,
        |(client, _)| uuid_part(&client.id),
        |(client, secrets)| ClientView::new(client, secrets.into_iter()),
    );
    Ok(HttpResponse::Ok().json(items))
}

/// Reads a client
#[utoipa::path(
    get, path = "/admin/clients/{client_id}", tag = "admin-clients", operation_id = "getClient",
    params(ClientPath),
    responses(
        (status = 200, description = "The client.", body = ClientView),
        (status = 404, description = "`client_not_found`."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn one(
    _: CurrentAdmin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = checked_id(id.into_inner())?;
    let found = state.store.run::<_, ApiError, _>(move |c| {
        let client = clients::find(c, &id)?.ok_or(ApiError::ClientNotFound)?;
        ClientView::read(c, client)
    });
    let client = found.await?;
    Ok(HttpResponse::Ok().json(client))
}

/// The rows of a page, each with the times at which its secrets were made.
fn read_page(connection: &mut DbConnection, page: &Page) -> Result<Vec<(Client, Vec<i64>)>, ApiError> {
    let rows = clients::page(connection, page.after.map(client_id_of).as_deref(), page)?;
    let ids: Vec<String> = rows.iter().map(|client| client.id.clone()).collect();
    let mut secrets: HashMap<String, Vec<i64>> = HashMap::new();
    for (client_id, created_at) in clients::secret_times(connection, &ids)? {
        secrets.entry(client_id).or_default().push(created_at);
    }
    let with_secrets = |client: Client| {
        let secrets = secrets.remove(&client.id).unwrap_or_default();
        (client, secrets)
    };
    Ok(rows.into_iter().map(with_secrets).collect())
}
