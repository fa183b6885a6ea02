//! Which client asks (RFC 6749 §2.3): the first-party one by its name alone, a service by its secret, in one of two places.

use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, HeaderValue},
};
use base64::{Engine, alphabet::STANDARD, engine};
use shared_claims::FIRST_PARTY_CLIENT_ID;

use super::{
    error::{ErrorCode, OAuthError},
    form::Form,
};
use crate::{
    app::AppState,
    clients::{client_id_of, is_one_of, parse_client_id},
    error::ApiError,
    store::clients::{self, Client},
};

/// With or without padding: it makes no difference to what was meant.
const BASE64: engine::GeneralPurpose = engine::GeneralPurpose::new(
    &STANDARD,
    engine::GeneralPurposeConfig::new().with_decode_padding_mode(engine::DecodePaddingMode::Indifferent),
);

/// Who asks.
#[derive(Debug)]
pub(super) enum AuthenticatedClient {
    /// The first-party client, method `none`. Its name is no secret, so it proves nothing: whoever uses it may do what
    /// the user's token he holds lets him do.
    FirstParty,
    /// A service that has shown its secret, `client_secret_basic` or `client_secret_post`; from one reading with it.
    Service(Client),
}

/// What a request says of its client; nothing is known to be true of it. No `Debug`: it may hold a secret.
enum Unverified {
    Nobody,
    Name(String),
    Secret { id: String, secret: String },
}

/// Finds out which client asks; `None` when the request names none. A service that is unknown, switched off or has
/// another secret gets the same answer after the same work.
pub(super) async fn authenticate(
    request: &HttpRequest,
    state: &AppState,
    form: &Form,
) -> Result<Option<AuthenticatedClient>, OAuthError> {
    match Unverified::read(request, form)? {
        Unverified::Nobody => Ok(None),
        Unverified::Name(id) if id == FIRST_PARTY_CLIENT_ID => Ok(Some(AuthenticatedClient::FirstParty)),
        Unverified::Name(_) => Err(refused()),
        Unverified::Secret { id, secret } => {
            by_secret(state, &id, &secret).await.map(AuthenticatedClient::Service).map(Some)
        }
    }
}

async fn by_secret(state: &AppState, id: &str, secret: &str) -> Result<Client, OAuthError> {
    // What cannot be an id is looked up all the same, as one that nobody has: the time must not tell.
    let id = parse_client_id(id).map(client_id_of).unwrap_or_default();
    let found = state.store.run::<_, ApiError, _>(move |c| Ok(clients::find_with_secrets(c, &id)?)).await?;
    let secrets = found.as_ref().map_or(&[][..], |found| &found.secrets);
    let is_his = is_one_of(secret, secrets);
    match found.map(|found| found.client) {
        Some(client) if is_his && client.is_active => return Ok(client),
        Some(client) => {
            let why = if client.is_active { "the secret is wrong" } else { "it is switched off" };
            log::warn!("the client {} ({}) was not authenticated: {why}", client.id, client.name);
        }
        None => log::warn!("a client was not authenticated: there is none of the id that was sent"),
    }
    Err(refused())
}

/// Whether an access token is sent. It authenticates no client (RFC 6749 §2.3).
pub(super) fn sends_bearer(request: &HttpRequest) -> bool {
    let scheme = |value: &[u8]| value.get(..7).is_some_and(|start| start.eq_ignore_ascii_case(b"Bearer "));
    request.headers().get(AUTHORIZATION).is_some_and(|value| scheme(value.as_bytes()))
}

fn refused() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, "the client is unknown or its credentials are wrong")
}

impl Unverified {
    /// Reads what stands in the header and in the body: one method at the most (RFC 6749 §2.3).
    fn read(request: &HttpRequest, form: &Form) -> Result<Self, OAuthError> {
        let (id, secret) = (form.get("client_id"), form.get("client_secret"));
        let mut headers = request.headers().get_all(AUTHORIZATION);
        let header = headers.next();
        if headers.next().is_some() || (header.is_some() && secret.is_some()) {
            return Err(OAuthError::invalid_request("the client authenticates in more than one way"));
        }
        match (header, id, secret) {
            (Some(header), named, _) => {
                let (id, secret) = basic(header).ok_or_else(refused)?;
                if named.is_some_and(|named| named != id) {
                    return Err(OAuthError::invalid_request("client_id and the Authorization header differ"));
                }
                Ok(Self::Secret { id, secret })
            }
            (None, Some(id), Some(secret)) => Ok(Self::Secret { id: id.into(), secret: secret.into() }),
            (None, Some(id), None) => Ok(Self::Name(id.into())),
            (None, None, Some(_)) => Err(OAuthError::invalid_request("client_id is missing")),
            (None, None, None) => Ok(Self::Nobody),
        }
    }
}

/// The id and the secret of `client_secret_basic` (RFC 6749 §2.3.1): each is form-encoded, then they are joined as
/// in RFC 7617. Clients that leave out the first step are understood too, because ids and secrets of ours consist of
/// characters that stand for themselves in that encoding.
fn basic(header: &HeaderValue) -> Option<(String, String)> {
    let (scheme, credentials) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let joined = String::from_utf8(BASE64.decode(credentials.trim_matches(' ')).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((form_decoded(id)?, form_decoded(secret)?))
}

/// One form-encoded value.
fn form_decoded(value: &str) -> Option<String> {
    let form = format!("value={value}");
    let mut pairs = url::form_urlencoded::parse(form.as_bytes());
    let (_, decoded) = pairs.next()?;
    pairs.next().is_none().then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD as PADDED, STANDARD_NO_PAD};

    use super::*;

    fn read(header: &str) -> Option<(String, String)> {
        basic(&HeaderValue::from_str(header).unwrap())
    }

    #[test]
    fn basic_credentials_are_form_encoded_or_not_and_the_scheme_has_no_case() {
        let expected = Some(("svc_1-a".to_owned(), "s_e-cret".to_owned()));
        for joined in ["svc_1-a:s_e-cret", "svc%5F1%2Da:s%5Fe%2Dcret", "svc%5f1-a:s_e%2dcret"] {
            for scheme in ["Basic", "basic", "BASIC"] {
                assert_eq!(read(&format!("{scheme} {}", PADDED.encode(joined))), expected);
                assert_eq!(read(&format!("{scheme} {}", STANDARD_NO_PAD.encode(joined))), expected);
            }
        }
        // What was encoded comes out as it was; the first colon divides.
        let odd = format!("Basic {}", PADDED.encode("a%3Ab:c+d%2B:%26="));
        assert_eq!(read(&odd), Some(("a:b".to_owned(), "c d+:&=".to_owned())));
        assert_eq!(read(&format!("Basic {}", PADDED.encode("id:"))), Some(("id".to_owned(), String::new())));
    }

    #[test]
    fn what_is_not_basic_is_nothing() {
        let good = PADDED.encode("id:secret");
        let without_colon = PADDED.encode("id");
        let two_values = PADDED.encode("id:a&b");
        let not_utf8 = PADDED.encode([b'i', b':', 0xff]);
        for bad in
            ["", "Basic", "Basic ", "Basic !", &good, &format!("Bearer {good}"), &format!("Basic{good}")]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
        for bad in [without_colon, two_values, not_utf8] {
            assert_eq!(read(&format!("Basic {bad}")), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_the_reader_panic(text in "[ -~]{0,60}", bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40)) {
            let _ = read(&text);
            let _ = read(&format!("Basic {}", PADDED.encode(bytes)));
        }
    }
}
