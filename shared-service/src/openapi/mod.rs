//! The description of an API (OpenAPI 3.1): what both servers' have in common, `GET /openapi.json`, and `GET /docs`.
//!
//! A server describes each operation at its handler and each body at its struct, and puts the parts together with
//! [`complete`], which adds what follows from rules: the answers that every operation of a kind can give are written
//! once, here. With the feature `testing`, `Contract` checks answers against the description.

mod answers;
#[cfg(feature = "testing")]
mod closed;
#[cfg(feature = "testing")]
mod contract;
mod docs;
#[cfg(feature = "testing")]
mod schema_cache;
mod schemas;
#[cfg(feature = "testing")]
mod served;

use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, OpenApi, Ref, RefOr, Response,
        path::{Operation, ParameterIn, PathItem},
        schema::{Object, Schema, SchemaType, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
        server::Server,
    },
};

#[cfg(feature = "testing")]
pub use self::contract::{Contract, Received};
pub use self::docs::ApiDocument;

use crate::problem::Problem;

const JSON: &str = "application/json";

/// The security scheme of operations that take an access token.
pub const ACCESS_TOKEN: &str = "accessToken";

/// Puts the parts of a description behind its beginning, and completes it:
///
/// - The security scheme `accessToken` is described, and so are the shared answers.
/// - An operation with `accessToken` can answer 401, and 403 unless it also takes requests without a token.
/// - One that takes JSON can answer 400, 408, 413, 415 and 422; one with query parameters 422.
/// - All of these can fail with 500 and 503.
/// - The server is where its description is, and both follow some rules, which `info` tells.
/// - A header is always there, unless it is described as one that may be null: then it may be missing.
/// - An error of which nothing but the status is said is the shared one; one without a body is a [`Problem`]; and wherever
///   a body is a [`Problem`], its media type is that of problems.
///
/// What an operation says by itself of a status stands.
pub fn complete(mut document: OpenApi, parts: impl IntoIterator<Item = OpenApi>) -> OpenApi {
    for part in parts {
        document.merge(part);
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        operation.description = operation.description.take().map(|text| without_line_ends(&text));
        add_answers(operation);
        for (status, answer) in &mut operation.responses.responses {
            complete_answer(status, answer);
        }
    }
    let components = document.components.get_or_insert_default();
    components.responses.extend(answers::all());
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.security_schemes.insert(ACCESS_TOKEN.to_owned(), access_token().into());
    let of_operations = document.paths.paths.values_mut().flat_map(operations);
    let of_operations = of_operations.flat_map(|operation| operation.responses.responses.values_mut());
    of_operations.chain(components.responses.values_mut()).for_each(complete_headers);
    // Relative to the description, for proxies that serve this under a path of their own.
    document.servers = Some(vec![Server::new("./")]);
    let about = document.info.description.take().unwrap_or_default();
    document.info.description = Some(format!("{about}\n\n{CONVENTIONS}"));
    document
}

/// What is so in both APIs.
const CONVENTIONS: &str = "\
Errors are `application/problem+json` (RFC 9457) with a stable `code`, unless something else is said. Every answer has the id \
of its request in `X-Request-Id`, which is in the log as well. Lists are given in pages: `next_cursor` of one is `cursor` of \
the next. `HEAD` is answered as `GET`, without the body.";

/// Lines end where those of the source do, which Swagger UI would show. Paragraphs stay.
fn without_line_ends(text: &str) -> String {
    let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
    paragraphs.join("\n\n")
}

fn access_token() -> SecurityScheme {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").description(Some(
        "An access token of auth-server: a JWT (RFC 9068), sent as `Authorization: Bearer …` (RFC 6750). What stands \
         beside it at an operation are the scopes that the token must have.",
    ));
    SecurityScheme::Http(scheme.build())
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}

fn add_answers(operation: &mut Operation) {
    let mut names = Vec::new();
    match token_need(operation) {
        TokenNeed::None => {}
        TokenNeed::Optional => names.extend(answers::OF_OPTIONAL_TOKEN),
        TokenNeed::Required => names.extend(answers::OF_TOKEN),
    }
    if takes_json(operation) {
        names.extend(answers::OF_JSON);
    }
    if has_query(operation) {
        names.extend(answers::OF_QUERY);
    }
    if !names.is_empty() {
        names.extend(answers::OF_FAILURE);
    }
    for (status, name) in names {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| Ref::from_response_name(name).into());
    }
}

enum TokenNeed {
    None,
    Optional,
    Required,
}

/// The schemes of a requirement can be read from its serialised form alone.
fn token_need(operation: &Operation) -> TokenNeed {
    let requirements = operation.security.iter().flatten();
    let requirements: Vec<_> =
        requirements.filter_map(|requirement| serde_json::to_value(requirement).ok()).collect();
    let takes = requirements.iter().any(|requirement| requirement.get(ACCESS_TOKEN).is_some());
    let takes_others = requirements.iter().any(|requirement| requirement.get(ACCESS_TOKEN).is_none());
    match (takes, takes_others) {
        (false, _) => TokenNeed::None,
        (true, true) => TokenNeed::Optional,
        (true, false) => TokenNeed::Required,
    }
}

fn takes_json(operation: &Operation) -> bool {
    match &operation.request_body {
        Some(RefOr::T(body)) => body.content.contains_key(JSON),
        _ => false,
    }
}

fn has_query(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| {
        matches!(parameter, RefOr::T(parameter)
            if matches!(parameter.parameter_in, ParameterIn::Query))
    })
}

fn complete_answer(status: &str, answer: &mut RefOr<Response>) {
    let RefOr::T(response) = answer else { return };
    let is_error = status >= "400";
    let is_bare = is_error && response.content.is_empty();
    match answers::usual(status) {
        Some(name) if is_bare && response.description.is_empty() => {
            *answer = Ref::from_response_name(name).into();
        }
        _ if is_bare || response.content.get(JSON).is_some_and(is_problem) => {
            response.content.shift_remove(JSON);
            answers::make_problem(response, status);
        }
        _ => {}
    }
}

/// The macros know of a header whether it may be null, which none can be, and not whether it must be there. Nor does the
/// type for headers: what it has no member for can only be added as if it were an extension.
fn complete_headers(answer: &mut RefOr<Response>) {
    let RefOr::T(answer) = answer else { return };
    for header in answer.headers.values_mut() {
        let RefOr::T(header) = header else { continue };
        let may_be_missing = header.schema.as_mut().is_some_and(take_null);
        let required = ("required".to_owned(), Value::Bool(!may_be_missing));
        header.extensions.get_or_insert_default().extend([required]);
    }
}

/// Takes null away from the types of a schema, if it is there.
fn take_null(schema: &mut RefOr<Schema>) -> bool {
    let RefOr::T(Schema::Object(Object { schema_type, .. })) = schema else { return false };
    let SchemaType::Array(types) = schema_type else { return false };
    let known = types.len();
    types.retain(|known| *known != Type::Null);
    let had_null = types.len() < known;
    if let [only] = types.as_slice() {
        *schema_type = SchemaType::Type(only.clone());
    }
    had_null
}

fn is_problem(content: &RefOr<Content>) -> bool {
    matches!(content, RefOr::T(content) if content.schema == Some(schema_of::<Problem>()))
}

/// A schema by its name.
fn schema_of<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The answers of an operation that is described so.
    fn answers_of(operation: &Value) -> Value {
        let part = json!({
            "openapi": "3.1.0",
            "info": { "title": "part", "version": "1" },
            "paths": { "/things": { "post": operation } },
        });
        let whole = complete(OpenApi::default(), [serde_json::from_value(part).unwrap()]);
        let mut whole = serde_json::to_value(whole).unwrap();
        for name in ["Problem", "FieldError"] {
            assert!(whole["components"]["schemas"][name].is_object(), "{name}");
        }
        whole["paths"]["/things"]["post"]["responses"].take()
    }

    fn statuses(operation: &Value) -> Vec<String> {
        answers_of(operation).as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn what_follows_from_a_rule_is_added() {
        let answers = json!({ "200": { "description": "" } });
        let token = json!([{ "accessToken": ["a"] }]);
        let (optional, cookie) = (json!([{}, { "accessToken": [] }]), json!([{ "cookie": [] }]));
        let of = |security: &Value| statuses(&json!({ "responses": answers, "security": security }));
        assert_eq!(of(&json!([])), ["200"]);
        assert_eq!(of(&cookie), ["200"]);
        assert_eq!(of(&optional), ["200", "401", "500", "503"]);
        assert_eq!(of(&token), ["200", "401", "403", "500", "503"]);
        let body = json!({ "content": { "application/json": {} } });
        let takes_json = statuses(&json!({ "responses": answers, "requestBody": body }));
        assert_eq!(takes_json, ["200", "400", "408", "413", "415", "422", "500", "503"]);
        let query = json!([{ "name": "q", "in": "query", "required": false }]);
        let has_query = statuses(&json!({ "responses": answers, "parameters": query }));
        assert_eq!(has_query, ["200", "422", "500", "503"]);
    }

    #[test]
    fn what_an_operation_says_by_itself_stands_and_is_a_problem() {
        let own = json!({
            "401": { "description": "own" },
            "429": { "description": "" },
            "503": { "description": "later" },
            "409": { "description": "form", "content": { "text/plain": {} } },
        });
        let answers = answers_of(&json!({ "responses": own, "security": [{ "accessToken": [] }] }));
        let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        assert_eq!(answers["401"]["description"], "own");
        assert_eq!(answers["401"]["content"], json!({ "application/problem+json": problem }));
        assert_eq!(answers["429"], json!({ "$ref": "#/components/responses/TooManyRequests" }));
        assert!(answers["503"]["headers"]["Retry-After"].is_object());
        assert_eq!(answers["409"], own["409"]);
    }

    #[test]
    fn a_header_that_may_be_null_may_be_missing() {
        let of = |types: &Value| json!({ "schema": { "type": types } });
        let headers = json!({ "A": of(&json!("string")), "B": of(&json!(["string", "null"])) });
        let answers =
            answers_of(&json!({ "responses": { "200": { "description": "", "headers": headers } } }));
        let is = |required: bool| json!({ "required": required, "schema": { "type": "string" } });
        assert_eq!(answers["200"]["headers"], json!({ "A": is(true), "B": is(false) }));
    }
}
