//! Clients (RFC 6749 §2) for administrators: `GET` and `POST /admin/clients`, `GET`, `PATCH` and `DELETE
//! /admin/clients/{client_id}`, `POST` and `DELETE /admin/clients/{client_id}/secret`. A secret is shown once, by the
//! answer of the request that made it.

mod add;
mod change;
mod list;
mod remove;
mod scopes;
mod secret;

pub(crate) use add::add;
pub(crate) use change::change;
pub(crate) use list::{list, one};
pub(crate) use remove::remove;
pub(crate) use secret::{add_secret, end_older_secret};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use futures_util::future::{Ready, ready};
use serde::Serialize;
use shared_claims::actix::AuthError;
use shared_service::{UtcTime, database::DbConnection, request::RequestOrigin};
use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::{
    access::CurrentAdmin,
    app::AppState,
    audit::{Actor, Named},
    clients::{Occasion, Secret, parse_client_id},
    error::ApiError,
    store::clients::{self, Client},
};

/// What this folder answers.
#[derive(OpenApi)]
#[openapi(
    tags((name = "admin-clients", description = "Which services have tokens of their own. For administrators.")),
    paths(
        list::list,
        add::add,
        list::one,
        change::change,
        remove::remove,
        secret::add_secret,
        secret::end_older_secret,
    ),
)]
pub(crate) struct Document;

/// A client as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
struct ClientView {
    /// Is never given to another client.
    #[schema(examples("svc_0192f0c123457000800000000000abcd"))]
    client_id: String,
    #[schema(examples("resource-api"))]
    name: String,
    /// What its tokens may allow.
    #[schema(examples("users:read"))]
    scopes: Vec<String>,
    /// Whether it gets tokens.
    is_active: bool,
    created_at: UtcTime,
    /// Those that are live, the older one first.
    #[schema(max_items = 2)]
    secrets: Vec<SecretView>,
}

/// What may be told of a secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientSecret)]
struct SecretView {
    created_at: UtcTime,
}

impl ClientView {
    fn new(client: Client, secrets: impl Iterator<Item = i64>) -> Self {
        let secrets = secrets.map(|at| SecretView { created_at: UtcTime::from_secs(at) });
        Self {
            client_id: client.id,
            name: client.name,
            scopes: client.scopes.split_whitespace().map(str::to_owned).collect(),
            is_active: client.is_active,
            created_at: UtcTime::from_secs(client.created_at),
            secrets: secrets.collect(),
        }
    }

    /// The client, with what its row does not tell.
    fn read(connection: &mut DbConnection, client: Client) -> Result<Self, ApiError> {
        let secrets = clients::secret_times(connection, std::slice::from_ref(&client.id))?;
        Ok(Self::new(client, secrets.into_iter().map(|(_, at)| at)))
    }
}

/// A client, and the secret that was made just now.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientWithSecret)]
struct WithSecret {
    #[serde(flatten)]
    client: ClientView,
    /// Shown this once.
    client_secret: String,
}

impl WithSecret {
    fn new(client: ClientView, secret: &Secret) -> Self {
        Self { client, client_secret: secret.expose().to_owned() }
    }
}

/// The path, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it describes the path")]
struct ClientPath {
    /// The client.
    #[param(example = "svc_0192f0c123457000800000000000abcd")]
    client_id: String,
}

/// The `client_id` in a path. What is not one, in the one spelling there is, is nobody's.
fn checked_id(id: String) -> Result<String, ApiError> {
    if parse_client_id(&id).is_some() { Ok(id) } else { Err(ApiError::ClientNotFound) }
}

/// What an administrator does by this request.
#[derive(Debug)]
pub(crate) struct ByAdmin(Occasion);

impl FromRequest for ByAdmin {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let admin = CurrentAdmin::from_request(request, payload).into_inner();
        ready(admin.and_then(|CurrentAdmin(user)| {
            let state = request.app_data::<Data<AppState>>().ok_or(AuthError::NotConfigured)?;
            Ok(Self(Occasion {
                ids: state.ids.clone(),
                now_ms: state.clock.now_ms(),
                revocation: state.revocation(),
                recorder: state.recorder(Actor::User(Named::from(&user)), RequestOrigin::of(request)),
            }))
        }))
    }
}
