//! `GET /oauth/status-lists/{n}` and `GET /oauth/status-lists`: which tokens were revoked (draft-ietf-oauth-status-list
//! §8.1 and §9.3). Public to every origin, without credentials.

use actix_web::{
    Error, HttpRequest, HttpResponse, Scope,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::CACHE_CONTROL,
    middleware::from_fn,
    web::{self, Data},
};
use serde::Serialize;
use shared_claims::STATUS_LIST_MEDIA_TYPE;
use shared_service::{public_document::PublicDocument, server};
use utoipa::ToSchema;

use super::error::{OAuthError, as_oauth};
use crate::{app::AppState, error::ApiError, limits, store::statuses};

/// The routes under `/oauth/status-lists`.
pub(crate) fn status_list_routes() -> Scope<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    web::scope("/oauth/status-lists")
        .service(web::resource("").get(status_lists))
        .service(web::resource("/{number}").get(status_list))
        .default_service(web::to(server::not_found))
        .wrap(from_fn(limits::status_lists))
        .wrap(from_fn(as_oauth))
}

/// Gets one status list
///
/// Signed. Whoever asks sees every change made before.
#[utoipa::path(
    get, path = "/oauth/status-lists/{number}", tag = "discovery", operation_id = "getStatusList",
    params(("number" = i64, Path, description = "The number of the list.", minimum = 0)),
    responses(
        (status = 200, description = "The list: a JWT.", body = String, content_type = "application/statuslist+jwt",
            headers(("ETag" = String), ("Cache-Control" = String, description = "For how long it may be kept."))),
        (status = 304, description = "It is as the tag in `If-None-Match` says."),
        (status = 404, description = "There is no such list."),
    ),
)]
async fn status_list(
    request: HttpRequest,
    state: Data<AppState>,
    number: web::Path<String>,
) -> Result<HttpResponse, OAuthError> {
    let list = match canonical(&number) {
        Some(number) => state.status_lists.get(number).await?,
        None => None,
    };
    let Some(list) = list else {
        // A cache that kept this would hide the list when its time comes.
        return Ok(HttpResponse::NotFound().insert_header((CACHE_CONTROL, "no-store")).finish());
    };
    let max_age = list.max_age(state.clock.now_ms());
    Ok(PublicDocument::new(list.jwt(), STATUS_LIST_MEDIA_TYPE).answer(&request, max_age))
}

/// A list has one address.
fn canonical(number: &str) -> Option<i64> {
    let parsed: i64 = number.parse().ok()?;
    (parsed >= 0 && parsed.to_string() == number).then_some(parsed)
}

/// The addresses of the lists in use.
#[derive(Serialize, ToSchema)]
#[schema(as = StatusLists)]
struct Aggregation {
    status_lists: Vec<String>,
}

/// Lists the status lists
///
/// Which tokens were revoked (draft-ietf-oauth-status-list §9.3).
#[utoipa::path(
    get, path = "/oauth/status-lists", tag = "discovery", operation_id = "listStatusLists",
    responses(
        (status = 200, description = "The lists in use.", body = Aggregation,
            headers(("ETag" = String), ("Cache-Control" = String, description = "For how long they may be kept."))),
        (status = 304, description = "They are as the tag in `If-None-Match` says."),
    ),
)]
async fn status_lists(request: HttpRequest, state: Data<AppState>) -> Result<HttpResponse, OAuthError> {
    let lists = state.store.run::<_, ApiError, _>(|c| Ok(statuses::lists_in_use(c)?)).await?;
    let status_lists = lists.into_iter().map(|list| state.issuer.status_list_uri(list)).collect();
    let document = PublicDocument::json(&Aggregation { status_lists }).map_err(ApiError::from)?;
    Ok(document.answer(&request, *state.config.status_list.ttl))
}
