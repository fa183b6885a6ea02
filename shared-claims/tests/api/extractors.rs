use actix_web::{
    dev::ServerHandle,
    web::{Data, Json, get},
};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde_json::{Value, json};
use shared_claims::{
    Verifier,
    actix::{
        Authenticated, AuthenticatedUser, Authorized, AuthorizedUser, MaybeAuthenticated, Requirement, check,
    },
    testing::{TestIssuer, forgeries},
};

use super::support::{AUDIENCE, Answer, KeyServer, serve};

struct ReadNotes;

impl Requirement for ReadNotes {
    const SCOPE: Option<&'static str> = Some("notes:read");
}

struct Admin;

impl Requirement for Admin {
    const SCOPE: Option<&'static str> = Some("admin");
    const ROLE: Option<&'static str> = Some("admin");
}

struct Editor;

impl Requirement for Editor {
    const ROLE: Option<&'static str> = Some("editor");
}

/// A server with a handler per extractor, and its clients.
struct Service {
    url: String,
    client: reqwest::Client,
    handle: ServerHandle,
}

impl Service {
    fn start(verifier: Option<Verifier>) -> Self {
        let (url, handle) = serve(move |app| {
            app.route("/any", get().to(async |caller: Authenticated| Json(json!({ "sub": caller.sub }))))
                .route("/user", get().to(user))
                .route("/read", get().to(async |caller: Authorized<ReadNotes>| Json(json!(caller.claims()))))
                .route(
                    "/read-own",
                    get().to(async |user: AuthorizedUser<ReadNotes>| Json(json!(user.claims()))),
                )
                .route("/admin", get().to(async |user: AuthorizedUser<Admin>| Json(json!({ "id": user.id }))))
                .route(
                    "/edit",
                    get().to(async |caller: Authorized<Editor>| Json(json!({ "sub": caller.sub }))),
                )
                .route("/maybe", get().to(maybe));
            if let Some(verifier) = &verifier {
                app.app_data(Data::new(verifier.clone()));
            }
        });
        Self { url, client: reqwest::Client::new(), handle }
    }

    fn request(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    async fn get(&self, path: &str, token: &str) -> Response {
        self.request(path).bearer_auth(token).send().await.unwrap()
    }

    async fn with_header(&self, path: &str, authorization: &[u8]) -> Response {
        let value = reqwest::header::HeaderValue::from_bytes(authorization).unwrap();
        self.request(path).header(AUTHORIZATION, value).send().await.unwrap()
    }
}

async fn user(user: AuthenticatedUser) -> Json<Value> {
    Json(json!({
        "id": user.id, "username": user.username, "roles": user.roles, "session_id": user.session_id,
        "is_admin": check::<Admin>(user.claims()).is_ok(),
    }))
}

async fn maybe(caller: MaybeAuthenticated) -> Json<Value> {
    Json(json!({ "sub": caller.0.map(|claims| claims.sub) }))
}

fn world() -> (TestIssuer, Service) {
    let issuer = TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE);
    let service = Service::start(Some(issuer.verifier(AUDIENCE)));
    (issuer, service)
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> Option<&str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Asserts status, challenge and problem of a refusal.
async fn assert_refused(response: Response, status: u16, code: &str, challenge: Option<&str>) {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(header(&response, WWW_AUTHENTICATE), challenge);
    assert_eq!(header(&response, CACHE_CONTROL), Some("no-store"));
    assert_eq!(header(&response, CONTENT_TYPE), Some("application/problem+json"));
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["code"], code);
    assert_eq!(problem["type"], format!("urn:latchkey:problem:{code}"));
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
}

async fn body(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

#[tokio::test]
async fn good_tokens_get_in() {
    let (issuer, service) = world();
    let alice = issuer.user("alice").scope("notes:read").sign();
    let robot = issuer.service("svc_robot").scope("notes:read").sign();
    assert_eq!(body(service.get("/any", &alice).await).await["sub"], "id-of-alice");
    assert_eq!(body(service.get("/any", &robot).await).await["sub"], "svc_robot");
    assert_eq!(body(service.get("/read", &alice).await).await["username"], "alice");
    assert_eq!(body(service.get("/read", &robot).await).await["client_id"], "svc_robot");
    assert_eq!(body(service.get("/read-own", &alice).await).await["sub"], "id-of-alice");
    let expected = json!({
        "id": "id-of-alice", "username": "alice", "roles": ["user"], "session_id": "session-of-alice", "is_admin": false,
    });
    assert_eq!(body(service.get("/user", &alice).await).await, expected);
    service.handle.stop(false).await;
}

#[tokio::test]
async fn a_request_without_a_token_is_challenged_without_an_error() {
    let (_, service) = world();
    for path in ["/any", "/user", "/read", "/read-own", "/admin", "/edit"] {
        let response = service.request(path).send().await.unwrap();
        assert_refused(response, 401, "missing_token", Some("Bearer")).await;
    }
}

#[tokio::test]
async fn another_scheme_counts_as_no_token() {
    let (_, service) = world();
    for path in ["/any", "/maybe"] {
        for authorization in ["Basic YWxpY2U6c2VjcmV0", "DPoP abc", "Bearerabc", "Token abc", "abc"] {
            let response = service.with_header(path, authorization.as_bytes()).await;
            assert_refused(response, 401, "missing_token", Some("Bearer")).await;
        }
    }
}

#[tokio::test]
async fn a_malformed_header_is_an_invalid_token() {
    let (issuer, service) = world();
    let token = issuer.user("alice").sign();
    let cases = [
        (b"Bearer".to_vec(), "the Authorization header has no token"),
        (b"Bearer   ".to_vec(), "the Authorization header has no token"),
        (format!("Bearer {token} {token}").into_bytes(), "the Authorization header has more than a token"),
        (
            format!("Bearer {token}, Bearer {token}").into_bytes(),
            "the Authorization header has more than a token",
        ),
        (b"Bearer \xff\xfe".to_vec(), "the Authorization header is not plain text"),
    ];
    for (authorization, fault) in cases {
        let challenge = format!(r#"Bearer error="invalid_token", error_description="{fault}""#);
        for path in ["/any", "/maybe"] {
            let response = service.with_header(path, &authorization).await;
            assert_refused(response, 401, "invalid_token", Some(&challenge)).await;
        }
    }
    let twice = service.request("/any").bearer_auth(&token).header(AUTHORIZATION, format!("Bearer {token}"));
    let challenge = r#"Bearer error="invalid_token", error_description="more than one Authorization header""#;
    assert_refused(twice.send().await.unwrap(), 401, "invalid_token", Some(challenge)).await;
}

#[tokio::test]
async fn the_scheme_is_read_without_regard_to_case() {
    let (issuer, service) = world();
    let token = issuer.user("alice").sign();
    for scheme in ["bearer", "BEARER", "Bearer  "] {
        let response = service.with_header("/any", format!("{scheme} {token}").as_bytes()).await;
        assert_eq!(response.status(), StatusCode::OK, "{scheme}");
    }
}

#[tokio::test]
async fn a_token_in_the_query_or_the_body_is_not_seen() {
    let (issuer, service) = world();
    let token = issuer.user("alice").sign();
    let request = service.request(&format!("/any?access_token={token}")).form(&[("access_token", &token)]);
    assert_refused(request.send().await.unwrap(), 401, "missing_token", Some("Bearer")).await;
}

#[tokio::test]
async fn a_bad_token_is_refused_with_its_fault() {
    let (issuer, service) = world();
    let expired = issuer.user("alice").expires_in(-60).sign();
    let challenge = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    assert_refused(service.get("/any", &expired).await, 401, "invalid_token", Some(challenge)).await;
}

#[tokio::test]
async fn every_forgery_is_a_401_also_where_a_token_is_optional() {
    let (issuer, service) = world();
    for forgery in forgeries(&issuer, AUDIENCE) {
        for path in ["/any", "/maybe", "/admin"] {
            let response = service.get(path, &forgery.token).await;
            let challenge = header(&response, WWW_AUTHENTICATE).unwrap_or_default().to_owned();
            assert!(
                challenge.starts_with(r#"Bearer error="invalid_token", "#),
                "{}: {challenge}",
                forgery.name
            );
            assert_refused(response, 401, "invalid_token", Some(&challenge)).await;
        }
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let (issuer, service) = world();
    let challenge = r#"Bearer error="insufficient_scope", scope="notes:read""#;
    for scope in ["", "notes", "notes:readx", "NOTES:READ", "notes:write"] {
        let token = issuer.user("alice").scope(scope).sign();
        for path in ["/read", "/read-own"] {
            let response = service.get(path, &token).await;
            assert_refused(response, 403, "insufficient_scope", Some(challenge)).await;
        }
    }
}

#[tokio::test]
async fn role_and_scope_are_both_needed() {
    let (issuer, service) = world();
    let challenge = r#"Bearer error="insufficient_scope", scope="admin""#;
    for (roles, scope) in [(["user"], "admin"), (["admin"], "posts:read"), (["Admin"], "admin")] {
        let token = issuer.user("alice").roles(roles).scope(scope).sign();
        let response = service.get("/admin", &token).await;
        assert_refused(response, 403, "insufficient_scope", Some(challenge)).await;
    }
    let admin = issuer.user("root").roles(["user", "admin"]).scope("posts:read admin").sign();
    assert_eq!(body(service.get("/admin", &admin).await).await["id"], "id-of-root");
    assert_eq!(body(service.get("/user", &admin).await).await["is_admin"], true);
}

#[tokio::test]
async fn a_service_never_meets_a_role() {
    let (issuer, service) = world();
    let challenge = r#"Bearer error="insufficient_scope", error_description="this needs the role editor""#;
    let robot = issuer.service("svc_robot").scope("editor").sign();
    assert_refused(service.get("/edit", &robot).await, 403, "insufficient_scope", Some(challenge)).await;
    let editor = issuer.user("alice").roles(["editor"]).scope("").sign();
    assert_eq!(body(service.get("/edit", &editor).await).await["sub"], "id-of-alice");
}

#[tokio::test]
async fn a_service_does_not_get_where_users_belong() {
    let (issuer, service) = world();
    let robot = issuer.service("svc_robot").scope("notes:read admin").sign();
    let challenge = "Bearer error=\"insufficient_scope\", \
                     error_description=\"this belongs to users, and the token is a service's\"";
    for path in ["/user", "/read-own"] {
        assert_refused(service.get(path, &robot).await, 403, "user_required", Some(challenge)).await;
    }
}

#[tokio::test]
async fn an_optional_token_may_be_absent_but_not_bad() {
    let (issuer, service) = world();
    assert_eq!(body(service.request("/maybe").send().await.unwrap()).await["sub"], Value::Null);
    let token = issuer.user("alice").sign();
    assert_eq!(body(service.get("/maybe", &token).await).await["sub"], "id-of-alice");
}

#[tokio::test]
async fn without_keys_the_answer_is_503_and_when_to_come_back() {
    let issuer = TestIssuer::new("https://auth.example.com").with_audience(AUDIENCE);
    let keys = KeyServer::start(Answer::Status(500));
    let service = Service::start(Some(keys.verifier(&issuer)));
    let token = issuer.user("alice").sign();
    for path in ["/any", "/maybe"] {
        let response = service.get(path, &token).await;
        assert_eq!(header(&response, RETRY_AFTER), Some("1"));
        assert_refused(response, 503, "keys_unavailable", None).await;
    }
    let malformed = service.get("/any", "x").await;
    assert_eq!(malformed.status(), StatusCode::UNAUTHORIZED, "what cannot be a token needs no keys");
}

#[tokio::test]
async fn a_service_without_a_verifier_is_broken_not_closed() {
    let issuer = TestIssuer::new("https://auth.example.com");
    let service = Service::start(None);
    for path in ["/any", "/maybe"] {
        let response = service.get(path, &issuer.user("alice").sign()).await;
        assert_refused(response, 500, "internal_error", None).await;
    }
}
