//! `POST /oauth/revoke` (RFC 7009): ends what a token belongs to.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use shared_claims::{Principal, Status};
use shared_service::{database::DbConnection, request::RequestOrigin};
use utoipa::ToSchema;

use super::{
    client_auth::{self, AuthenticatedClient},
    error::{ErrorCode, OAuthError},
    form::Form,
};
use crate::{
    access::verify_for_anyone,
    app::AppState,
    audit::{Actor, Event, Named, Recorder},
    error::ApiError,
    sessions::{RefreshToken, identify},
    store::{
        clients::{self, Client},
        sessions,
        statuses::Revocation,
    },
};

/// What a genuine token belongs to, and what ends with it.
enum Line {
    /// A login session: its access tokens, whatever audience they were narrowed to, and its refresh chain.
    Session(String),
    /// The access tokens that a service got while its status was this.
    Service { client_id: String, status: Option<Status> },
}

/// The token that is to end (RFC 7009 §2.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form")]
struct RevocationRequest {
    token: String,
    /// Not needed: each kind of token is known by its form.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    /// The service's id, unless it stands in `Authorization`. Users' tokens need none.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// The service's secret, unless it stands in `Authorization`.
    #[schema(nullable = false)]
    client_secret: Option<String>,
}

/// Revokes a token
///
/// RFC 7009. With a token of a user, its session ends; a service revokes tokens of its own. It is 200 also for a token that is
/// unknown, expired or revoked already: there is nothing left to end.
#[utoipa::path(
    post, path = "/oauth/revoke", tag = "oauth", operation_id = "revokeToken",
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token is good no more."),
        (status = 400, description = "`invalid_request`; `invalid_grant`: the token was issued to another client."),
        (status = 401, description = "`invalid_client`: the client is unknown or its credentials are wrong."),
    ),
    security((), ("clientSecret" = [])),
)]
pub(super) async fn revoke(
    request: HttpRequest,
    origin: RequestOrigin,
    state: Data<AppState>,
    form: Form,
) -> Result<HttpResponse, OAuthError> {
    // 1. Who asks? The first-party client has no secret, so it need not be named either: the token is the credential. One
    // in the header beside it is what such a client sends with every request, and says nothing more.
    let client = if client_auth::sends_bearer(&request) && form.get("client_secret").is_none() {
        None
    } else {
        client_auth::authenticate(&request, &state, &form).await?
    };
    let client = client.unwrap_or(AuthenticatedClient::FirstParty);
    // 2. What is it a token of?
    let token = form.get("token").ok_or(OAuthError::invalid_request("token is missing"))?;
    // 3. Was it issued to this client? Otherwise the request is refused, and says so (RFC 7009 §2.1).
    match (client, line_of(&state, token).await?) {
        (_, None) => {}
        (AuthenticatedClient::FirstParty, Some(Line::Session(id))) => {
            end_session(&state, id, state.recorder(Actor::Anonymous, origin)).await?;
        }
        (AuthenticatedClient::Service(client), Some(Line::Service { client_id, status }))
            if client.id == client_id =>
        {
            let recorder = state.recorder(Actor::Client(Named::from(&client)), origin);
            end_line(&state, client, status, recorder).await?;
        }
        _ => {
            return Err(OAuthError::new(
                ErrorCode::InvalidGrant,
                "the token was issued to another client; whoever it was issued to can revoke it",
            ));
        }
    }
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish())
}

/// A link of any age counts, as at a logout; an access token while it is not expired, whoever it is meant for.
async fn line_of(state: &AppState, token: &str) -> Result<Option<Line>, ApiError> {
    if let Some(link) = RefreshToken::parse(token) {
        let ring = state.keys.ring();
        let found = state.store.run::<_, ApiError, _>(move |c| Ok(identify(c, &ring, &link)?)).await?;
        return Ok(found.map(|reading| Line::Session(reading.session.id)));
    }
    let Ok(claims) = verify_for_anyone(state, token) else { return Ok(None) };
    Ok(Some(match claims.principal() {
        Principal::User(user) => Line::Session(user.session_id.to_owned()),
        Principal::Service { client_id } => {
            Line::Service { client_id: client_id.to_owned(), status: claims.status.clone() }
        }
    }))
}

async fn end_session(state: &AppState, id: String, recorder: Recorder) -> Result<(), ApiError> {
    let revocation = state.revocation();
    state.store.transaction(move |c| Ok(end_and_record(c, &id, revocation, recorder)?)).await
}

fn end_and_record(
    connection: &mut DbConnection,
    session_id: &str,
    revocation: Revocation,
    recorder: Recorder,
) -> diesel::QueryResult<()> {
    if !sessions::end(connection, session_id, revocation)? {
        return Ok(());
    }
    let Some(reading) = sessions::find(connection, session_id)? else { return Ok(()) };
    let user = Named::from(&reading.user);
    let recorder = recorder.by(Actor::User(user.clone()));
    recorder.write(connection, Event::TokenRevoked, Some(&user), Some(session_id))
}

/// Ends the tokens of a service from this one's line. They are no more than one line: who sends a token twice, or one that
/// was revoked long ago, does not end those that the service has got since.
async fn end_line(
    state: &Data<AppState>,
    client: Client,
    status: Option<Status>,
    recorder: Recorder,
) -> Result<(), ApiError> {
    let (app, revocation) = (state.clone(), state.revocation());
    let work = move |c: &mut DbConnection| {
        if !clients::hold(c, &client.id)? {
            return Ok(());
        }
        let present = clients::find(c, &client.id)?.and_then(|now| app.issuer.status(now.status()).ok());
        if present.is_none() || present != status {
            return Ok(());
        }
        clients::renew_status(c, &client.id, revocation)?;
        Ok(recorder.write(c, Event::TokenRevoked, Some(&Named::from(&client)), None)?)
    };
    state.store.transaction(work).await
}
