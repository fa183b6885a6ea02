//! Answers that anybody may keep for a while (RFC 9111) and ask for again by their tag (RFC 9110 §13.1.2).

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, ETAG, EntityTag, Header, IfNoneMatch},
    web::Bytes,
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

/// A body that is the same for everybody. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PublicDocument {
    body: Bytes,
    tag: EntityTag,
    media_type: &'static str,
}

impl PublicDocument {
    /// A document whose tag is a digest of it.
    pub fn new(body: Bytes, media_type: &'static str) -> Self {
        let tag = EntityTag::new_strong(URL_SAFE_NO_PAD.encode(digest(&SHA256, &body)));
        Self { body, tag, media_type }
    }

    /// A document of JSON.
    pub fn json(value: &impl Serialize) -> anyhow::Result<Self> {
        Ok(Self::new(serde_json::to_vec(value)?.into(), "application/json"))
    }

    /// The document, to be kept for the whole seconds of `max_age`; 304 when the client has it already.
    pub fn answer(&self, request: &HttpRequest, max_age: Duration) -> HttpResponse {
        let known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&self.tag)),
            Err(_) => false,
        };
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header((CACHE_CONTROL, format!("public, max-age={}", max_age.as_secs())))
            .insert_header((ETAG, self.tag.to_string()));
        if known { response.finish() } else { response.content_type(self.media_type).body(self.body.clone()) }
    }
}
