//! `GET /users?username=a&username=b`: which of these names are users', and under which id.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::Username;
use crate::{access::Caller, app::AppState, error::ApiError, store::users};

/// The scope that the token must have.
pub(crate) const USERS_READ: &str = "users:read";

const MAX_NAMES: usize = 100;

/// The query, which [`asked_for`] reads: a parameter that stands more than once is beyond serde's form.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes the query")]
struct Names {
    /// The names, each with a parameter of its own.
    #[param(min_items = 1, max_items = 100, explode = true)]
    username: Vec<String>,
}

/// Whose names these are.
#[derive(Serialize, ToSchema)]
#[schema(as = FoundUsers)]
struct Found {
    /// Each user once, in the order of the names in lower case.
    users: Vec<FoundUser>,
}

/// A user as services see him.
#[derive(Serialize, ToSchema)]
struct FoundUser {
    /// What a token of his has as `sub`.
    #[schema(format = "uuid")]
    id: String,
    /// The name as he chose it.
    username: String,
}

/// Finds users by their names
///
/// For services. Names are compared without regard to case. What is no user's name, or could be none, is not in the
/// answer. Users who are switched off are: their names are not free, and what others keep under their ids is still theirs.
#[utoipa::path(
    get, path = "/users", tag = "directory", operation_id = "findUsers",
    params(Names),
    responses(
        (status = 200, description = "Those that there are.", body = Found),
        (status = 422),
    ),
    security(("accessToken" = ["users:read"])),
)]
pub(crate) async fn find_users(
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, ApiError> {
    Caller::of(&request).await?.require_scope(USERS_READ)?;
    let names: Vec<String> = asked_for(&request)?.into_iter().collect();
    let mut rows = state.store.run::<_, ApiError, _>(move |c| Ok(users::ids_by_name(c, &names)?)).await?;
    // Engines differ in how they order text.
    rows.sort_by_cached_key(|(_, username)| username.to_ascii_lowercase());
    let users = rows.into_iter().map(|(id, username)| FoundUser { id, username }).collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(Found { users }))
}

/// The names in the query that can be a user's, in lower case.
fn asked_for(request: &HttpRequest) -> Result<BTreeSet<String>, ApiError> {
    let query = url::form_urlencoded::parse(request.query_string().as_bytes());
    let names: Vec<_> = query.filter(|(name, _)| name == "username").map(|(_, value)| value).collect();
    if !(1..=MAX_NAMES).contains(&names.len()) {
        return Err(ApiError::invalid("username", format!("must be there once to {MAX_NAMES} times")));
    }
    Ok(names.iter().filter_map(|name| Username::parse(name).ok()).map(|name| name.key()).collect())
}
