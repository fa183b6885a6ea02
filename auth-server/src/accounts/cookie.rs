//! The refresh cookie: honoured at refresh and logout alone, and only for pages of the allowed origins.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::ORIGIN,
};

use crate::config::Config;

fn name(config: &Config) -> &'static str {
    // The prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis §4.1.3.2).
    if config.cookie.secure { "__Host-refresh" } else { "refresh" }
}

/// Whether the request comes from a page of an allowed origin, as the browser tells.
pub(super) fn origin_is_allowed(request: &HttpRequest, config: &Config) -> bool {
    let origin = request.headers().get(ORIGIN).and_then(|value| value.to_str().ok());
    origin.is_some_and(|origin| config.cors.allowed_origins.iter().any(|allowed| allowed.as_str() == origin))
}

/// The refresh token in the cookie, if the cookie counts.
pub(super) fn read(request: &HttpRequest, config: &Config) -> Option<String> {
    let cookie = request.cookie(name(config)).filter(|_| origin_is_allowed(request, config))?;
    Some(cookie.value().to_owned()).filter(|value| !value.is_empty())
}

/// The cookie that carries a refresh token for as long as the session may live.
pub(super) fn set(config: &Config, refresh_token: String, max_age_seconds: i64) -> Cookie<'static> {
    Cookie::build(name(config), refresh_token)
        .http_only(true)
        .secure(config.cookie.secure)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(Duration::seconds(max_age_seconds))
        .finish()
}

/// The cookie that makes the browser forget.
pub(super) fn clear(config: &Config) -> Cookie<'static> {
    set(config, String::new(), 0)
}
