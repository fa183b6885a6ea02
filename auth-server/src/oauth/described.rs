//! How the endpoints of this folder are described, where their own types cannot say it.

use utoipa::{
    Modify, ToSchema,
    openapi::{
        Content, HeaderBuilder, OpenApi, Ref, RefOr, Response,
        schema::{AnyOfBuilder, Object, ObjectBuilder, Schema, Type},
    },
};

use super::error::Members;

/// What stands in an access token (RFC 9068).
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes `shared_claims::AccessClaims`, which depends on serde alone")]
pub(super) struct AccessTokenClaims {
    /// The issuer.
    iss: String,
    /// The user's id; for a service its `client_id`.
    sub: String,
    /// For whom the token is meant.
    aud: Vec<String>,
    /// From then on it is good no more. Unix time.
    exp: i64,
    /// When it was issued. Unix time.
    iat: i64,
    jti: String,
    /// `first-party`, or the service's id.
    client_id: String,
    /// What it allows: scopes with blanks between.
    scope: String,
    /// Of users' tokens.
    #[schema(nullable = false)]
    roles: Option<Vec<String>>,
    /// Of users' tokens.
    #[schema(nullable = false)]
    username: Option<String>,
    /// The session. Of users' tokens.
    #[schema(nullable = false)]
    sid: Option<String>,
    /// When the user gave his password. Unix time. Of users' tokens.
    #[schema(nullable = false)]
    auth_time: Option<i64>,
    status: TokenStatus,
}

/// Where it is published whether the token was revoked (Token Status List).
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes `shared_claims::Status`")]
struct TokenStatus {
    #[schema(inline)]
    status_list: TokenStatusEntry,
}

/// One entry of a published status list.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes `shared_claims::StatusListRef`")]
struct TokenStatusEntry {
    idx: u64,
    #[schema(format = "uri")]
    uri: String,
}

/// A member that is true.
pub(super) fn always_true() -> Object {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true])).build()
}

/// A member that is false.
pub(super) fn always_false() -> Object {
    ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([false])).build()
}

/// What is answered in one of several forms has any of them, rather than one: some have all members of another and more,
/// and clients must bear members that they do not know.
pub(super) struct AnyForm;

const IN_SEVERAL_FORMS: [&str; 2] = ["IssuedTokens", "Introspection"];

impl Modify for AnyForm {
    fn modify(&self, document: &mut OpenApi) {
        let schemas = &mut document.components.get_or_insert_default().schemas;
        for name in IN_SEVERAL_FORMS {
            let Some(schema) = schemas.get_mut(name) else { continue };
            if let RefOr::T(Schema::OneOf(forms)) = schema {
                let any = AnyOfBuilder::new().description(forms.description.take());
                *schema = forms.items.drain(..).fold(any, AnyOfBuilder::item).into();
            }
        }
    }
}

/// Adds what every endpoint of this folder may answer, and the form of its errors.
pub(super) struct OAuthErrors;

/// The statuses and what they mean; of a body only the first ones.
const OF_FORM: [(&str, &str); 3] = [
    ("408", "The body did not arrive in time."),
    ("413", "The body has more than 16 KiB."),
    ("415", "The body is compressed."),
];
const OF_ALL: [(&str, &str); 3] = [
    ("429", "`temporarily_unavailable`: this was asked for too often."),
    ("500", "`server_error`: the server failed. The `X-Request-Id` finds the cause in its log."),
    ("503", "`temporarily_unavailable`: try again in a moment."),
];

impl Modify for OAuthErrors {
    fn modify(&self, document: &mut OpenApi) {
        let operations = document.paths.paths.values_mut().flat_map(|path| [&mut path.get, &mut path.post]);
        for operation in operations.flatten() {
            let of_form = if operation.request_body.is_some() { &OF_FORM[..] } else { &[] };
            let answers = &mut operation.responses.responses;
            for (status, text) in of_form.iter().chain(&OF_ALL) {
                answers.insert((*status).into(), Response::new(*text).into());
            }
            for (status, answer) in answers.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
                if let RefOr::T(answer) = answer {
                    make_error(status, answer);
                }
            }
        }
    }
}

fn make_error(status: &str, answer: &mut Response) {
    let content = Content::new(Some(Ref::from_schema_name(Members::name())));
    answer.content.insert("application/json".into(), content.into());
    let (name, of, text) = match status {
        "401" | "403" => ("WWW-Authenticate", Type::String, "What would let in."),
        "429" | "503" => ("Retry-After", Type::Integer, "Whole seconds to wait, at least one."),
        _ => return,
    };
    let header = HeaderBuilder::new().schema(Some(ObjectBuilder::new().schema_type(of)));
    answer.headers.insert(name.into(), header.description(Some(text)).build().into());
}
