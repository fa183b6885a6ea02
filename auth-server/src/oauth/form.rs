//! The body of an OAuth request: `application/x-www-form-urlencoded`, no parameter twice (RFC 6749 §3.2).

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use shared_service::body;

use super::error::OAuthError;

/// The parameters, each at most once, none empty: one without a value counts as left out.
pub(crate) struct Form(Vec<(String, String)>);

/// May stand more than once (RFC 8693 §2.1, RFC 8707 §2).
const REPEATABLE: [&str; 2] = ["audience", "resource"];
/// No request needs as many; each is compared with all before it.
const MAX_PARAMETERS: usize = 64;

impl Form {
    /// The value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a parameter that may stand more than once.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn parse(body: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            if parameters.len() == MAX_PARAMETERS {
                return Err(OAuthError::invalid_request("there are too many parameters"));
            }
            if !REPEATABLE.contains(&&*name) && parameters.iter().any(|(known, _)| *known == name) {
                return Err(OAuthError::invalid_request("a parameter is there twice"));
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        parameters.retain(|(_, value)| !value.is_empty());
        Ok(Self(parameters))
    }
}

impl FromRequest for Form {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let body = body::read(request, payload);
        Box::pin(async move {
            if !is_form {
                return Err(OAuthError::invalid_request("send application/x-www-form-urlencoded").into());
            }
            Ok(Self::parse(&body.await?)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_parameter_stands_twice_and_empty_ones_are_left_out() {
        let form = Form::parse(b"grant_type=refresh_token&scope=&audience=a&audience=b+c").unwrap();
        assert_eq!(form.get("grant_type"), Some("refresh_token"));
        assert_eq!(form.get("scope"), None);
        assert_eq!(form.all("audience").collect::<Vec<_>>(), ["a", "b c"]);
        assert!(Form::parse(b"scope=a&scope=b").is_err());
        assert!(Form::parse(b"scope=&scope=b").is_err());
        let many = |count: usize| (0..count).map(|n| format!("p{n}=v")).collect::<Vec<_>>().join("&");
        assert!(Form::parse(many(64).as_bytes()).is_ok());
        assert!(Form::parse(many(65).as_bytes()).is_err());
    }
}
