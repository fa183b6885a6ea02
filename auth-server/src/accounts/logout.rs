//! `POST /auth/logout`: ends the session of a refresh token or of an access token.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use shared_claims::{
    Principal,
    actix::{AuthError, bearer_token},
};
use shared_service::{database::DbConnection, json::OptionalJson, request::RequestOrigin};

use super::{cookie, refresh::presented, tokens::Mode};
use crate::{
    access::verify,
    app::AppState,
    audit::{Actor, Event, Recorder},
    error::ApiError,
    sessions::{self, RefreshToken, SessionReading},
    store::{self, statuses::Revocation},
};

/// The body; it may be missing when a cookie or an access token is sent.
#[derive(Deserialize, Default)]
pub(crate) struct LogoutRequest {
    refresh_token: Option<String>,
}

/// `POST /auth/logout`. 204 for a link that is unknown, too: there is nothing left to end, unless a good access token
/// is sent beside it.
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
