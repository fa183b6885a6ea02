//! The description of this server (OpenAPI 3.1), put together from those that stand in each folder, at the handlers and
//! the bodies. What has a rule is added by it here, or in `shared_service::openapi`.

use shared_service::openapi::complete;
use utoipa::{
    OpenApi as _,
    openapi::{
        InfoBuilder, LicenseBuilder, OpenApi, Paths,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{accounts, admin, health, oauth, sessions, well_known};

const ABOUT: &str = "Keeps users, signs tokens, publishes what others need to check them.\n\n\
    Errors under `/oauth/` are those of RFC 6749 §5.2.";

/// The whole description.
pub fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("auth-server")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build()))
        .build();
    let parts = [
        accounts::Document::openapi(),
        sessions::Document::openapi(),
        admin::Document::openapi(),
        admin::clients::Document::openapi(),
        oauth::Document::openapi(),
        well_known::Document::openapi(),
        health::Document::openapi(),
    ];
    let mut document = complete(OpenApi::new(info, Paths::new()), parts);
    let schemes = &mut document.components.get_or_insert_default().security_schemes;
    schemes.insert("refreshCookie".into(), refresh_cookie().into());
    schemes.insert("clientSecret".into(), client_secret().into());
    document
}

fn refresh_cookie() -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
        "__Host-refresh",
        "The refresh token of a login with `\"mode\":\"cookie\"`. It counts only with an `Origin` on the allowlist. Where the \
         settings allow it without TLS, it is named `refresh`.",
    )))
}

fn client_secret() -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some(
        "The id and the secret of a service (`client_secret_basic`, RFC 6749 §2.3.1). Both may stand in the form instead.",
    ));
    SecurityScheme::Http(scheme.build())
}
