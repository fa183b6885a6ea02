//! `GET`, `PATCH` and `DELETE /admin/users/{id}`: one user.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;
use shared_service::{json::Json, request::RequestOrigin};
use utoipa::ToSchema;
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

/// Reads a user
#[utoipa::path(
    get, path = "/admin/users/{id}", tag = "admin-users", operation_id = "getUser",
    params(("id" = String, Path, description = "The user.", format = "uuid")),
    responses(
        (status = 200, description = "The user.", body = UserView),
        (status = 404, description = "`user_not_found`."),
    ),
    security(("accessToken" = ["admin"])),
)]
pub(crate) async fn user(
    _: CurrentAdmin,
    state: Data<AppState>,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = user_id(&id)?;
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(users::find(c, &id)?)).await?;
    Ok(HttpResponse::Ok().json(UserView::from(found.ok_or(ApiError::UserNotFound)?)))
}

/// What is to change: at least one of these.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangeUserRequest {
    /// All the roles he is to have, and no others. Null or left out, they stay.
    #[schema(examples(json!(["user"])))]
    roles: Option<Vec<String>>,
    /// Whether the account may be used. Off ends the sessions. Null or left out, it stays.
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

/// Changes a user
///
/// All of it or nothing. Who would be the last active administrator stays one.
#[utoipa::path(
    patch, path = "/admin/users/{id}", tag = "admin-users", operation_id = "changeUser",
    params(("id" = String, Path, description = "The user.", format = "uuid")),
    request_body = ChangeUserRequest,
    responses(
        (status = 200, description = "The user as he is now.", body = UserView),
        (status = 404, description = "`user_not_found`."),
        (status = 409, description = "`last_admin`: give the role to somebody else first."),
    ),
    security(("accessToken" = ["admin"])),
)]
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

/// Deletes a user
///
/// His sessions end and his name is free. The last active administrator cannot go.
#[utoipa::path(
    delete, path = "/admin/users/{id}", tag = "admin-users", operation_id = "deleteUser",
    params(("id" = String, Path, description = "The user.", format = "uuid")),
    responses(
        (status = 204, description = "The account is gone."),
        (status = 404, description = "`user_not_found`."),
        (status = 409, description = "`last_admin`: give the role to somebody else first."),
    ),
    security(("accessToken" = ["admin"])),
)]
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
