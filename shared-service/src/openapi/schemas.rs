//! How the types that both servers send are described.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type},
    },
};

use super::schema_of;
use crate::{
    UtcTime,
    page::Paged,
    problem::{FieldError, Problem},
};

type Schemas = Vec<(String, RefOr<Schema>)>;

/// An error (RFC 9457). Decide by `code`, show `title` or `detail` to people.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "the serialised form of a problem is described here; it is made elsewhere")]
struct ProblemMembers {
    /// A name of the kind of problem: `urn:latchkey:problem:` and the code.
    #[schema(format = "uri", examples("urn:latchkey:problem:invalid_input"))]
    r#type: String,
    /// What kind of problem it is, for people. Always the same for a code.
    #[schema(examples("The input is not valid."))]
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599, examples(422))]
    status: u16,
    /// What happened this time, for people.
    #[schema(examples("The input is not valid."))]
    detail: String,
    /// What kind of problem it is, for programs. A code is never renamed; new ones may be added.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", examples("invalid_input"))]
    code: String,
    /// The faults of the input, where `code` is about the input.
    #[schema(min_items = 1, nullable = false)]
    errors: Option<Vec<FieldError>>,
    /// The id of the request, as in `X-Request-Id` and in the server's log.
    #[schema(pattern = "^[0-9a-f]{16}$", examples("6f0c3b9d2e4a5178"))]
    request_id: String,
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        ProblemMembers::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        ProblemMembers::name()
    }

    fn schemas(schemas: &mut Schemas) {
        ProblemMembers::schemas(schemas);
    }
}

impl PartialSchema for UtcTime {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A time: RFC 3339 in UTC, so it ends in `Z`."))
            .examples(["2026-11-18T11:06:40.25Z"])
            .into()
    }
}

impl ToSchema for UtcTime {}

/// Named after its items: `PostPage` for posts. The macros put names of generic types together by themselves, so handlers
/// name the page by an alias: `type PostPage = Paged<Post>`.
impl<T: ToSchema> PartialSchema for Paged<T> {
    fn schema() -> RefOr<Schema> {
        let items = ArrayBuilder::new()
            .items(schema_of::<T>())
            .description(Some("The items, newest first unless the operation says more."));
        let next = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("Where the next page begins, to be sent as `cursor`; null on the last page."));
        ObjectBuilder::new()
            .property("items", items)
            .required("items")
            .property("next_cursor", next)
            .required("next_cursor")
            .description(Some(format!("One page of a list of {}.", T::name())))
            .into()
    }
}

impl<T: ToSchema> ToSchema for Paged<T> {
    fn name() -> Cow<'static, str> {
        format!("{}Page", T::name()).into()
    }

    fn schemas(schemas: &mut Schemas) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
