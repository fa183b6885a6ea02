use actix_web::{HttpRequest, http::header::AUTHORIZATION, web::Data};

use super::AuthError;
use crate::{AccessClaims, Verifier};

/// The verified claims of a request; `None` when it has no `Authorization` header.
pub(super) async fn verify(request: &HttpRequest) -> Result<Option<AccessClaims>, AuthError> {
    let verifier = request.app_data::<Data<Verifier>>().ok_or(AuthError::NotConfigured)?;
    match bearer_token(request)? {
        Some(token) => Ok(Some(verifier.verify(token).await?)),
        None => Ok(None),
    }
}

/// The token of the one `Authorization` header (RFC 6750 §2.1, RFC 9110 §11.6.2), not verified; `None` without such a
/// header. For those who keep keys themselves; everybody else takes an extractor.
pub fn bearer_token(request: &HttpRequest) -> Result<Option<&str>, AuthError> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let Some(header) = headers.next() else { return Ok(None) };
    if headers.next().is_some() {
        return Err(AuthError::MalformedHeader("more than one Authorization header"));
    }
    let text = header
        .to_str()
        .map_err(|_| AuthError::MalformedHeader("the Authorization header is not plain text"))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        // Another scheme is as good as none, but it is no anonymous request either.
        return Err(AuthError::MissingToken);
    }
    match token.trim_matches(' ') {
        "" => Err(AuthError::MalformedHeader("the Authorization header has no token")),
        token if token.contains([' ', '\t', ',']) => {
            Err(AuthError::MalformedHeader("the Authorization header has more than a token"))
        }
        token => Ok(Some(token)),
    }
}
