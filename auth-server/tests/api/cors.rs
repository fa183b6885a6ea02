use reqwest::{Method, StatusCode};

use crate::app::{ORIGIN, Reply, TestApp};

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Reply {
    let request = app
        .request(Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization,content-type");
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Reply { status, headers, body: serde_json::Value::Null }
}

async fn from(app: &TestApp, path: &str, origin: &str) -> Reply {
    Reply::of(app.request(Method::GET, path).header("origin", origin)).await
}

#[actix_rt::test]
async fn a_preflight_is_answered_before_authentication() {
    let app = TestApp::spawn().await;
    let reply = preflight(&app, "/auth/user", ORIGIN).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    assert_eq!(reply.header("access-control-max-age"), "600");
    assert!(reply.header("vary").contains("Origin"));
    for header in ["authorization", "content-type"] {
        assert!(reply.header("access-control-allow-headers").contains(header));
    }
}

#[actix_rt::test]
async fn errors_carry_cors_headers_too() {
    let app = TestApp::spawn().await;
    for (path, status) in [("/auth/user", 401), ("/nowhere", 404), ("/auth/login", 405)] {
        let reply = from(&app, path, ORIGIN).await;
        assert_eq!(reply.status.as_u16(), status);
        assert_eq!(reply.header("access-control-allow-origin"), ORIGIN, "{path}");
        let exposed = reply.header("access-control-expose-headers").to_lowercase();
        for header in ["x-request-id", "retry-after", "www-authenticate", "location"] {
            assert!(exposed.contains(header), "{header} is not in {exposed}");
        }
    }
}

#[actix_rt::test]
async fn other_origins_are_let_in_nowhere_but_at_what_is_public() {
    let app = TestApp::spawn().await;
    for origin in ["https://evil.example", "http://localhost:3001", "null"] {
        assert_eq!(from(&app, "/auth/user", origin).await.header("access-control-allow-origin"), "");
        assert_eq!(preflight(&app, "/auth/user", origin).await.header("access-control-allow-origin"), "");
        for path in ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server"] {
            let reply = from(&app, path, origin).await;
            assert_eq!(reply.status, StatusCode::OK);
            assert_eq!(reply.header("access-control-allow-origin"), "*");
            assert_eq!(reply.header("access-control-allow-credentials"), "");
        }
    }
}
