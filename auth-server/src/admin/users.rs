//! `GET` and `POST /admin/users`: everybody there is; another one.

use actix_web::{HttpResponse, http::header::LOCATION, web::Data};
use serde::Deserialize;
use shared_service::{
    json::Json,
    page::{Page, Paged},
    query::Query,
    request::RequestOrigin,
};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroizing;

use crate::{
    access::CurrentAdmin,
    accounts::{NewUser, Roles, UserView, schemas},
    app::AppState,
    audit::Actor,
    error::ApiError,
    store::search,
};

/// The longest text that is looked for: that of an address.
const MAX_SEARCH: usize = 254;

/// The query.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// A text that the name or the address is to contain.
    #[param(max_length = 254)]
    q: Option<String>,
}

/// A page of users.
pub(crate) type UserPage = Paged<UserView>;

impl Search {
    fn text(self) -> Result<Option<String>, ApiError> {
        let text = self.q.filter(|text| !text.is_empty());
        match &text {
            Some(long) if long.chars().count() > MAX_SEARCH => {
                Err(ApiError::invalid("q", format!("must be at most {MAX_SEARCH} characters")))
            }
            Some(odd) if odd.chars().any(char::is_control) => {
                Err(ApiError::invalid("q", "must not contain control characters"))
            }
            _ => Ok(text),
        }
    }
}

/// Lists or searches users
///
/// Newest first; with `q`, those whose name or address contains it, and before them whoever has just that name. Each request
/// looks at some thousands of users, so a page of a search may be short, or empty, and not the last: `next_cursor` tells.
#[utoipa::path(
    get, path = "/admin/users", tag = "admin-users", operation_id = "listUsers",
    params(Page, Search),
    responses((status = 200, description = "A page of users.", body = UserPage)),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn list_users(
    _: CurrentAdmin,
    state: Data<AppState>,
    page: Page,
    Query(search): Query<Search>,
) -> Result<HttpResponse, ApiError> {
    let text = search.text()?;
    let read = move |c: &mut _| match text {
        Some(text) => Ok(search::page(c, &page, &text)?),
        None => Ok(search::page_of_all(c, &page)?),
    };
    let found = state.store.run::<_, ApiError, _>(read).await?;
    Ok(HttpResponse::Ok().json(found.into_page(UserView::from)))
}

/// Who is to have an account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct AddUserRequest {
    #[schema(schema_with = schemas::username)]
    username: String,
    #[schema(schema_with = schemas::new_password)]
    password: Zeroizing<String>,
    /// Null or empty is none.
    #[schema(max_length = 254, examples("bob@example.org"))]
    email: Option<String>,
    /// At most 32 names of 1 to 32 of `a-z 0-9 _ -`. Left out, he is a `user`.
    #[schema(examples(json!(["user"])))]
    roles: Option<Vec<String>>,
}

/// Makes an account for somebody
///
/// Whether or not people may sign up by themselves.
#[utoipa::path(
    post, path = "/admin/users", tag = "admin-users", operation_id = "addUser",
    request_body(content = AddUserRequest, example = json!({"username": "bob", "password": "correct horse battery"})),
    responses(
        (status = 201, description = "The account was made.", body = UserView,
            headers(("Location" = String, description = "Where administrators read the account."))),
        (status = 409, description = "`username_taken`: choose another name."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn add_user(
    CurrentAdmin(admin): CurrentAdmin,
    origin: RequestOrigin,
    state: Data<AppState>,
    Json(body): Json<AddUserRequest>,
) -> Result<HttpResponse, ApiError> {
    let new = NewUser::parse(&body.username, &body.password, body.email.as_deref())?;
    let roles = body.roles.map_or_else(|| Ok(Roles::of_everybody()), Roles::parse);
    let roles = roles.map_err(|reason| ApiError::invalid("roles", reason))?;
    let made = new.add(&state, roles, Some(Actor::User((&admin).into())), origin).await?;
    let location = state.config.issuer.join(&format!("/admin/users/{}", made.user.id));
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(UserView::from(made)))
}
