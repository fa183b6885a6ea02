//! `GET`, `PATCH` and `DELETE /admin/users/{id}`: one user.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use uuid::Uuid;

use crate::{
    access::CurrentAdmin,
    accounts::{
        Change, Roles, UserView,
        changes::{self, Wanted},
    },
    app::AppState,
    audit::Actor,
    error::ApiError,
    store::users,
};

/// Ids are compared as text, so they are brought into the one spelling that is stored. What is no id belongs to nobody.
pub(super) fn user_id(text: &str) -> Result<String, ApiError> {
    Uuid::parse_str(text).map(|id| id.to_string()).map_err(|_| ApiError::UserNotFound)
}

/// `GET /admin/users/{id}`.
pub(crate) async fn user(
    _: CurrentAdmin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(users::find(c, &id)?)).await?;
    Ok(HttpResponse::Ok().json(UserView::from(found.ok_or(ApiError::UserNotFound)?)))
}

/// The body.
#[derive(Deserialize)]
pub(crate) struct ChangeUserRequest {
    roles: Option<Vec<String>>,
    is_active: Option<bool>,
}

impl ChangeUserRequest {
    fn parse(self) -> Result<Wanted, ApiError> {
        if self.roles.is_none() && self.is_active.is_none() {
            return Err(ApiError::invalid("body", "must have roles, is_active or both"));
        }
        let roles = self.roles.map(Roles::parse).transpose();
        let roles = roles.map_err(|reason| ApiError::invalid("roles", reason))?;
        Ok(Wanted { roles, is_active: self.is_active })
    }
}

/// `PATCH /admin/users/{id}`: all of it or nothing. Who would be the last active administrator stays one.
pub(crate) async fn change_user(
    CurrentAdmin(admin): CurrentAdmin,
    origin: RequestOrigin,
    state: Data<AppState>,
    id: Path<String>,
    Json(body): Json<ChangeUserRequest>,
) -> Result<HttpResponse, ApiError> {
    let (id, wanted) = (user_id(&id)?, body.parse()?);
    let change = Change::new(&state, Actor::User((&admin).into()), origin);
    let update = move |c: &mut _| Ok::<_, ApiError>(changes::update(c, &id, &wanted, &change)?);
    Ok(HttpResponse::Ok().json(UserView::from(state.store.transaction(update).await?)))
}

/// `DELETE /admin/users/{id}`. The last active administrator cannot go.
pub(crate) async fn delete_user(
    CurrentAdmin(admin): CurrentAdmin,
    origin: RequestOrigin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let change = Change::new(&state, Actor::User((&admin).into()), origin);
    state.store.transaction(move |c| Ok::<_, ApiError>(changes::remove(c, &id, &change)?)).await?;
    Ok(HttpResponse::NoContent().finish())
}
