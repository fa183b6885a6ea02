use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::{Answer, TestApp, send};

const OURS: &str = "http://localhost:3000";
const FOREIGN: &str = "http://localhost:3001";

fn preflight(app: &TestApp, path: &str, origin: &str, method: &str) -> RequestBuilder {
    let request = app.anonymous().request(Method::OPTIONS, path);
    request
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "authorization,content-type")
}

/// The comma-separated entries of a header, in lower case.
fn entries(answer: &Answer, name: &str) -> Vec<String> {
    let values = answer.headers.get_all(name).iter().flat_map(|value| value.to_str().unwrap().split(','));
    values.map(|entry| entry.trim().to_lowercase()).collect()
}

fn assert_open_to_us(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), Some(OURS), "{} {}", answer.status, answer.body);
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert!(entries(answer, "vary").contains(&"origin".to_owned()), "{:?}", answer.headers);
}

#[actix_web::test]
async fn a_preflight_is_answered_before_anybody_is_asked_for_a_token() {
    let app = TestApp::spawn().await;
    for (path, method) in [
        ("/api/posts", "POST"),
        ("/api/timeline", "GET"),
        ("/api/posts/1", "DELETE"),
        ("/api/users/bob/follow", "PUT"),
        ("/nowhere", "GET"),
    ] {
        let answer = send(preflight(&app, path, OURS, method)).await;
        answer.expect(200);
        assert_open_to_us(&answer);
        assert_eq!(answer.header("access-control-max-age"), Some("600"));
        assert!(entries(&answer, "access-control-allow-methods").contains(&method.to_lowercase()));
        let headers = entries(&answer, "access-control-allow-headers");
        assert!(headers.contains(&"authorization".into()) && headers.contains(&"content-type".into()));
    }
}

#[actix_web::test]
async fn answers_and_errors_alike_can_be_read_by_an_allowed_page() {
    let app = TestApp::spawn().await;
    let [anonymous, alice, service] = [app.anonymous(), app.user("alice"), app.service("")];
    let requests = [
        (200, alice.request(Method::GET, "/api/timeline")),
        (201, alice.request(Method::POST, "/api/posts").json(&json!({"content": "x"}))),
        (401, anonymous.request(Method::GET, "/api/timeline")),
        (403, service.request(Method::GET, "/api/timeline")),
        (404, alice.request(Method::GET, "/nowhere")),
        (405, alice.request(Method::POST, "/api/timeline")),
        (413, alice.request(Method::POST, "/api/posts").json(&json!({"content": "x".repeat(20_000)}))),
        (415, alice.request(Method::POST, "/api/posts").body("x")),
        (422, alice.request(Method::POST, "/api/posts").json(&json!({}))),
    ];
    for (status, request) in requests {
        let answer = send(request.header("origin", OURS)).await;
        answer.expect(status);
        assert_open_to_us(&answer);
        let exposed = entries(&answer, "access-control-expose-headers");
        for header in ["x-request-id", "retry-after", "www-authenticate", "location"] {
            assert!(exposed.contains(&header.to_owned()), "{header} at {status}");
        }
    }
}

#[actix_web::test]
async fn a_foreign_page_is_told_nothing() {
    let app = TestApp::spawn().await;
    for origin in [FOREIGN, "null", "http://localhost:3000.evil.example", "https://localhost:3000"] {
        let refused = send(preflight(&app, "/api/posts", origin, "POST")).await;
        let answered =
            send(app.anonymous().request(Method::GET, "/api/public").header("origin", origin)).await;
        for answer in [&refused, &answered] {
            let told = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-allow"));
            assert_eq!(told, None, "{origin}: {answer:?}");
        }
        assert!(entries(&answered, "vary").contains(&"origin".to_owned()));
    }
}

#[actix_web::test]
async fn every_listed_origin_is_allowed_and_told_its_own_name() {
    let listed = [("API__CORS__ALLOWED_ORIGINS", "https://a.example.org, https://b.example.org")];
    let app = TestApp::spawn_with(&listed).await;
    for origin in ["https://a.example.org", "https://b.example.org"] {
        let answer = send(app.anonymous().request(Method::GET, "/api/public").header("origin", origin)).await;
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    }
    let answer = send(app.anonymous().request(Method::GET, "/api/public").header("origin", OURS)).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[actix_web::test]
async fn without_listed_origins_no_page_gets_in() {
    let app = TestApp::spawn_with(&[("API__CORS__ALLOWED_ORIGINS", "")]).await;
    let answer = send(app.anonymous().request(Method::GET, "/api/public").header("origin", OURS)).await;
    answer.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[actix_web::test]
async fn metadata_is_open_to_every_page_without_credentials() {
    let app = TestApp::spawn().await;
    let path = "/.well-known/oauth-protected-resource";
    let answer = send(app.anonymous().request(Method::GET, path).header("origin", FOREIGN)).await;
    answer.expect(200);
    let checked = send(preflight(&app, path, FOREIGN, "GET")).await;
    checked.expect(200);
    for answer in [&answer, &checked] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
}
