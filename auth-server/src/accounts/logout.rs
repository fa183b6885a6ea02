//! `POST /auth/logout`: ends the session of a refresh token or of an access token.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use shared_claims::{
    Principal,
    actix::{AuthError, bearer_token},
};
use shared_service::{database::DbConnection, json::OptionalJson, request::RequestOrigin};
use utoipa::ToSchema;

use super::{cookie, refresh::presented, tokens::Mode};
use crate::{
    access::verify,
    app::AppState,
    audit::{Actor, Event, Recorder},
    error::ApiError,
    sessions::{self, RefreshToken, SessionReading},
    store::{self, statuses::Revocation},
};

/// Which session is to end. There need be no body when a cookie or an access token is sent.
#[derive(Deserialize, Default, ToSchema)]
pub(crate) struct LogoutRequest {
    /// The refresh token, unless the cookie carries it. An older one of the session does as well.
    refresh_token: Option<String>,
}

/// Logs out
///
/// Ends the session of a refresh token, in the body or in the cookie, or else of an access token. It is 204 for a refresh
/// token that is unknown, too: there is nothing left to end, unless a good access token is sent beside it.
#[utoipa::path(
    post, path = "/auth/logout", tag = "sessions", operation_id = "logOut",
    request_body = LogoutRequest,
    responses(
        (status = 204, description = "The session is over.",
            headers(("Set-Cookie" = Option<String>, description = "Makes the browser forget the cookie that was sent."))),
        (status = 400, description = "`bad_request`: a refresh token in the body and another as a cookie; `invalid_json`."),
        (status = 401, description = "`missing_token`, `invalid_token`: no refresh token, and no good access token.",
            headers(("WWW-Authenticate" = String, description = "The challenge of RFC 6750 §3."))),
        (status = 403, description = "`user_required`: the access token is a service's.",
            headers(("WWW-Authenticate" = String, description = "What is lacking, in words (RFC 6750 §3)."))),
    ),
    security(("refreshCookie" = []), ("accessToken" = []), ()),
)]
pub(crate) async fn logout(
    request: HttpRequest,
    state: Data<AppState>,
    OptionalJson(body): OptionalJson<LogoutRequest>,
) -> Result<HttpResponse, ApiError> {
    let in_body = body.unwrap_or_default().refresh_token;
    let mut response = HttpResponse::NoContent();
    let origin = RequestOrigin::of(&request);
    if let Some((link, mode)) = presented(&request, &state, in_body)? {
        let is_known = end_by_link(&state, origin, &link).await?;
        if let (false, Ok(Some(token))) = (is_known, bearer_token(&request)) {
            match end_by_access_token(&state, origin, token).await {
                Ok(()) | Err(ApiError::Auth(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if mode == Mode::Cookie {
            response.cookie(cookie::clear(&state.config));
        }
    } else {
        let token = bearer_token(&request)?.ok_or(AuthError::MissingToken)?;
        end_by_access_token(&state, origin, token).await?;
    }
    Ok(response.finish())
}

/// A genuine link of any age ends its session; one that is not genuine ends nobody's. Whether it was genuine.
async fn end_by_link(state: &AppState, origin: RequestOrigin, link: &str) -> Result<bool, ApiError> {
    let Some(link) = RefreshToken::parse(link) else { return Ok(false) };
    let ring = state.keys.ring();
    // Nobody's link must not cost a transaction that writes: anybody can send one.
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(sessions::identify(c, &ring, &link)?)).await?;
    let Some(reading) = found else { return Ok(false) };
    let (revocation, recorder) = (state.revocation(), state.recorder(Actor::Anonymous, origin));
    state.store.transaction::<_, ApiError, _>(move |c| Ok(end(c, &reading, revocation, recorder)?)).await?;
    Ok(true)
}

async fn end_by_access_token(state: &AppState, origin: RequestOrigin, token: &str) -> Result<(), ApiError> {
    let claims = verify(state, token).map_err(AuthError::InvalidToken)?;
    let Principal::User(user) = claims.principal() else { return Err(AuthError::UserRequired.into()) };
    let (session_id, revocation) = (user.session_id.to_owned(), state.revocation());
    let recorder = state.recorder(Actor::Anonymous, origin);
    state
        .store
        .transaction(move |c| match store::sessions::find(c, &session_id)? {
            Some(reading) => Ok(end(c, &reading, revocation, recorder)?),
            None => Ok(()),
        })
        .await
}

/// Whoever holds a token of a session logs out as its user.
fn end(
    connection: &mut DbConnection,
    reading: &SessionReading,
    revocation: Revocation,
    recorder: Recorder,
) -> diesel::QueryResult<()> {
    let SessionReading { session, user, .. } = reading;
    if !store::sessions::end(connection, &session.id, revocation)? {
        return Ok(());
    }
    let recorder = recorder.by(Actor::User(user.into()));
    recorder.write(connection, Event::LoggedOut, Some(&user.into()), Some(&session.id))
}
