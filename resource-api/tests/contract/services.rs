//! What resource-api lets services do.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use shared_claims::TokenSource;

use crate::system::{Setup, System};

/// The scopes say what kind of thing a token allows; whose posts and follows they would be, a service's cannot say.
#[actix_rt::test]
async fn a_service_may_read_but_what_belongs_to_a_user_is_forbidden_whatever_its_scopes() {
    let system = System::with_users(Setup::with_fixed_clocks(), &["alice"]).await;
    let (id, secret) = system.register_client("reader", "posts:read posts:write admin users:read");
    let tokens = TokenSource::builder(system.issuer_and_folder().0, id, secret)
        .audience("resource-api")
        .clock(system.setup.api_clock.clone())
        .build()
        .unwrap();
    let token = tokens.token().await.unwrap();
    let alice = system.login("alice").await.access_token;
    let call = async |method: Method, path: &str| {
        let request = Client::new().request(method, format!("{}{path}", system.api));
        let sent = request.bearer_auth(token.as_str()).json(&json!({ "content": "x" })).send().await.unwrap();
        (sent.status(), sent.json::<Value>().await.unwrap_or_default())
    };
    let timeline = Client::new().get(format!("{}/api/timeline", system.api)).bearer_auth(alice);
    assert_eq!(timeline.send().await.unwrap().status(), 200);
    for (method, path) in [
        (Method::POST, "/api/posts"),
        (Method::PUT, "/api/users/alice/follow"),
        (Method::DELETE, "/api/users/alice/follow"),
        (Method::GET, "/api/timeline"),
        (Method::GET, "/api/protected"),
        (Method::GET, "/api/admin"),
    ] {
        let (status, problem) = call(method, path).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {problem}");
    }
    let (status, profile) = call(Method::GET, "/api/users/alice").await;
    assert_eq!((status, &profile["followed_by_me"]), (StatusCode::OK, &json!(false)));
}
