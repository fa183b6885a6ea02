//! What several descriptions of requests have in common.

use utoipa::{
    Modify, PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, OpenApi, RefOr, Required, SchemaFormat, Type,
        schema::{ArrayBuilder, Object, OneOfBuilder, Schema},
    },
};

/// What `shared_claims::Audience` reads. The macros cannot say that there must be one.
pub(crate) struct OneOrMore;

impl PartialSchema for OneOrMore {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let texts = ArrayBuilder::new().items(text.clone()).min_items(Some(1));
        let either = OneOfBuilder::new().item(text).item(texts);
        either.description(Some("One text, or several.")).examples(["resource-api"]).into()
    }
}

impl ToSchema for OneOrMore {}

/// A name that is chosen.
pub(crate) fn username() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("3 to 32 characters, unique without regard to case."))
        .min_length(Some(3))
        .max_length(Some(32))
        .pattern(Some("^[A-Za-z0-9_.-]+$"))
        .examples(["alice"])
        .build()
}

/// A password that is chosen. Its lower bound is in characters and its upper one in bytes, after NFC, so a schema can
/// say neither exactly.
pub(crate) fn new_password() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .description(Some("8 characters to 72 bytes of UTF-8, without U+0000, and not easy to guess."))
        .examples(["correct horse battery"])
        .build()
}

/// What these bodies hold may come in another way.
const MAY_BE_LEFT_OUT: [&str; 2] = ["/auth/refresh", "/auth/logout"];

/// The macros know no body that may be left out, but one that may be null, which is another thing.
pub(super) struct OptionalBodies;

impl Modify for OptionalBodies {
    fn modify(&self, document: &mut OpenApi) {
        for path in MAY_BE_LEFT_OUT {
            let operation = document.paths.paths.get_mut(path).and_then(|path| path.post.as_mut());
            if let Some(RefOr::T(body)) = operation.and_then(|post| post.request_body.as_mut()) {
                body.required = Some(Required::False);
            }
        }
    }
}
