//! `GET` and `POST /admin/users`: everybody there is; another one.

use actix_web::{HttpResponse, http::header::LOCATION, web::Data};
use serde::Deserialize;
use shared_service::{json::Json, page::Page, query::Query, request::RequestOrigin};
use zeroize::Zeroizing;

use crate::{
    access::CurrentAdmin,
    accounts::{NewUser, Roles, UserView},
    app::AppState,
    audit::Actor,
    error::ApiError,
    store::search,
};

/// The longest text that is looked for: that of an address.
const MAX_SEARCH: usize = 254;

/// The query.
#[derive(Deserialize)]
pub(crate) struct Search {
    q: Option<String>,
}

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

/// `GET /admin/users`: newest first; with `q`, those whose name or address contains it, and before them whoever has just
/// that name. Each request looks at some thousands of users, so a page of a search may be short, or empty, and not the
/// last: `next_cursor` tells.
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

/// The body.
#[derive(Deserialize)]
pub(crate) struct AddUserRequest {
    username: String,
    password: Zeroizing<String>,
    email: Option<String>,
    roles: Option<Vec<String>>,
}

/// `POST /admin/users`: whatever `signup` in the settings says.
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
