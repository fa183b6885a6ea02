//! The description of this API (OpenAPI 3.1), put together from what each feature says of itself.

use utoipa::OpenApi;

use crate::{demo, follows, health, posts, profiles, timeline, well_known};

const DESCRIPTION: &str = "\
A small microblog whose users are auth-server's. Whoever calls sends an access token of auth-server, but where none is \
asked for.";

/// The title, version and licence are those of the crate.
#[derive(OpenApi)]
#[openapi(info(description = DESCRIPTION))]
struct Beginning;

/// The whole description.
pub fn document() -> utoipa::openapi::OpenApi {
    let parts = [
        posts::Document::openapi(),
        timeline::Document::openapi(),
        profiles::Document::openapi(),
        follows::Document::openapi(),
        demo::Document::openapi(),
        well_known::Document::openapi(),
        health::Document::openapi(),
    ];
    shared_service::openapi::complete(Beginning::openapi(), parts)
}
