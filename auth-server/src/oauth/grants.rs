//! The grants: what a client can have tokens on (RFC 6749 §4.4 and §6). A new one is a variant here; the phases of the token
//! endpoint it goes through whether it wants or not.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use shared_claims::Scopes;
use shared_service::request::RequestOrigin;
use utoipa::ToSchema;

use super::{
    client_auth::AuthenticatedClient,
    error::{ErrorCode, OAuthError},
    form::Form,
};
use crate::{
    accounts::{Mode, advance, issue, never_stored, respond},
    app::AppState,
    error::ApiError,
    sessions::{Refreshed, Refusal, SessionReading},
    store::clients::Client,
    tokens::{Excess, Grant, Narrowing, TokenType},
};

/// What an authenticated client asks on, and may ask on.
pub(super) enum Grounds {
    /// RFC 6749 §6, for logins.
    RefreshToken(String),
    /// RFC 6749 §4.4, for services.
    ClientCredentials(Client),
}

/// What the grounds were found to be good for, as the database has it.
pub(super) enum Entitled {
    Session(Box<SessionReading>),
    Service(Client),
}

/// The answer to a service (RFC 6749 §4.4.3): no refresh token, because its secret is as good as one.
#[derive(Serialize, ToSchema)]
pub(super) struct ServiceTokenResponse {
    access_token: String,
    token_type: TokenType,
    /// Seconds the access token lives.
    #[schema(examples(300))]
    expires_in: i64,
    /// What the access token allows: scopes with blanks between.
    #[schema(value_type = String, examples("users:read"))]
    scope: Scopes,
}

impl Grounds {
    /// Reads which grant it is. Each belongs to one kind of client.
    pub(super) fn of(client: AuthenticatedClient, form: &Form) -> Result<Self, OAuthError> {
        let grant_type =
            form.get("grant_type").ok_or(OAuthError::invalid_request("grant_type is missing"))?;
        match (grant_type, client) {
            ("refresh_token", AuthenticatedClient::FirstParty) => {
                let link = form.get("refresh_token");
                let link = link.ok_or(OAuthError::invalid_request("refresh_token is missing"))?;
                Ok(Self::RefreshToken(link.to_owned()))
            }
            ("client_credentials", AuthenticatedClient::Service(client)) => {
                Ok(Self::ClientCredentials(client))
            }
            ("refresh_token", _) => Err(OAuthError::new(
                ErrorCode::UnauthorizedClient,
                "refresh_token is for the client first-party; a service asks with client_credentials",
            )),
            ("client_credentials", _) => Err(OAuthError::new(
                ErrorCode::UnauthorizedClient,
                "client_credentials is for services, which have a secret",
            )),
            _ => Err(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                "refresh_token and client_credentials are supported",
            )),
        }
    }

    /// Uses the grounds up, if they are of the kind that is, and what is asked can be granted on them.
    pub(super) async fn use_up(
        self,
        state: &Data<AppState>,
        asked: &Narrowing,
        origin: RequestOrigin,
    ) -> Result<Entitled, OAuthError> {
        match self {
            Self::RefreshToken(link) => {
                refresh(state, &link, asked, origin).await.map(Box::new).map(Entitled::Session)
            }
            // The secret was looked at with the client's row: nothing more is to be read, and nothing is used up.
            Self::ClientCredentials(client) => Ok(Entitled::Service(client)),
        }
    }
}

impl Entitled {
    /// Signs a token that allows what is asked, and never more than the reading does.
    pub(super) fn issue(
        &self,
        state: &AppState,
        asked: &Narrowing,
        now_ms: i64,
    ) -> Result<HttpResponse, OAuthError> {
        match self {
            Self::Session(reading) => {
                let grant = state.issuer.grant(reading, asked).map_err(excessive)?;
                Ok(respond(state, Mode::Json, issue(state, &grant, now_ms)?))
            }
            Self::Service(client) => {
                let grant = state.issuer.client_grant(client, asked).map_err(excessive)?;
                let token = issue_to_service(state, &grant, now_ms)?;
                Ok(never_stored(HttpResponse::Ok()).json(token))
            }
        }
    }
}

/// The refresh grant (RFC 6749 §6).
async fn refresh(
    state: &Data<AppState>,
    link: &str,
    asked: &Narrowing,
    origin: RequestOrigin,
) -> Result<SessionReading, OAuthError> {
    match advance(state, link, asked, origin).await? {
        Ok(Refreshed(reading)) => Ok(reading),
        Err(Refusal::Contended) => Err(ApiError::Unavailable("too many refreshes at once".into()).into()),
        Err(Refusal::Excess(excess)) => Err(excessive(excess)),
        Err(Refusal::Unknown | Refusal::Ended | Refusal::Replayed) => {
            Err(OAuthError::new(ErrorCode::InvalidGrant, "the refresh token is not good, or no longer"))
        }
    }
}

fn issue_to_service(
    state: &AppState,
    grant: &Grant<'_, Client>,
    now_ms: i64,
) -> Result<ServiceTokenResponse, ApiError> {
    let ring = state.keys.ring();
    let key = ring.active(now_ms / 1000).map_err(|missing| ApiError::Unavailable(missing.to_string()))?;
    let access = state.issuer.client_token(key, &state.ids, now_ms, grant)?;
    Ok(ServiceTokenResponse {
        access_token: access.token,
        token_type: TokenType::Bearer,
        expires_in: access.expires_in,
        scope: access.scope,
    })
}

fn excessive(excess: Excess) -> OAuthError {
    let code = match excess {
        Excess::Audience => ErrorCode::InvalidTarget,
        Excess::Scope => ErrorCode::InvalidScope,
    };
    OAuthError::new(code, excess.advice())
}
