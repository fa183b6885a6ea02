//! `GET /openapi.json`, and `GET /docs`: Swagger UI, which shows it.

use std::{borrow::Cow, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION},
    web::{Bytes, Data, Path, ServiceConfig, resource},
};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::{cors, public_document::PublicDocument};

/// The description changes with the program alone.
const MAX_AGE: Duration = Duration::from_mins(5);

/// Swagger UI needs scripts, styles, its own requests, and images, some of them in its styles. Nothing comes from elsewhere
/// and no script stands in the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page of Swagger UI is called, before it is called after the server.
const TITLE: &str = "<title>Swagger UI</title>";

/// The description of an API, ready to be served. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ApiDocument {
    description: Data<PublicDocument>,
    page: Data<Page>,
}

/// What the page that shows it is called.
#[derive(Debug)]
struct Page {
    title: String,
}

impl ApiDocument {
    /// Made once, at the start.
    pub fn new(description: &OpenApi) -> anyhow::Result<Self> {
        let title = format!("<title>{} API</title>", description.info.title);
        let document = PublicDocument::json(description)?;
        Ok(Self { description: Data::new(document), page: Data::new(Page { title }) })
    }

    /// Adds the routes. The description is for every origin, as the API is for those of the allowlist; the page is for
    /// itself.
    pub fn routes(&self, app: &mut ServiceConfig) {
        let document = resource("/openapi.json").app_data(self.description.clone());
        app.service(document.wrap(cors::open()).get(description))
            .service(resource("/docs").get(to_folder))
            .service(resource("/docs/{file:.*}").app_data(self.page.clone()).get(file));
    }
}

async fn description(document: Data<PublicDocument>, request: HttpRequest) -> HttpResponse {
    document.answer(&request, MAX_AGE)
}

/// What the page loads stands beside it. Relative, for proxies that serve this under a path of their own.
async fn to_folder() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "docs/")).finish()
}

async fn file(name: Path<String>, page: Data<Page>) -> HttpResponse {
    // Swagger UI would have the description judged by a server of others; and its bar at the top is for descriptions of
    // others, which the policy keeps out.
    let config =
        Config::from("../openapi.json").validator_url("none").use_base_layout().display_operation_id(true);
    let Ok(Some(file)) = utoipa_swagger_ui::serve(&name, Arc::new(config)) else {
        return HttpResponse::NotFound().finish();
    };
    let bytes = match file.bytes {
        Cow::Borrowed(html) if file.content_type == "text/html" => {
            String::from_utf8_lossy(html).replacen(TITLE, &page.title, 1).into()
        }
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, format!("public, max-age={}", MAX_AGE.as_secs())))
        .content_type(file.content_type)
        .body(bytes)
}
