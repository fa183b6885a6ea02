use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn the_root_tells_service_and_version() {
    let app = TestApp::spawn().await;
    let status = app.anonymous().get("/").await.expect(200);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(status, json!({"service": "resource-api", "status": "running", "version": version}));
}

#[actix_web::test]
async fn the_public_endpoint_needs_no_token() {
    let app = TestApp::spawn().await;
    assert!(app.anonymous().get("/api/public").await.expect(200)["message"].is_string());
}

#[actix_web::test]
async fn whoami_tells_what_the_token_says_and_nothing_more() {
    let app = TestApp::spawn().await;
    assert_eq!(app.anonymous().get("/api/whoami").await.expect(200), json!({"authenticated": false}));

    let token = app.issuer.user("alice").claim("exp", 1_999_999_999).sign();
    let alice = app.with_token(token).get("/api/whoami").await.expect(200);
    assert_eq!(alice["authenticated"], true);
    assert_eq!(alice["username"], "alice");
    assert_eq!(alice["roles"], json!(["user"]));
    assert_eq!(alice["scope"], "posts:read posts:write");
    assert_eq!(alice["expires_at"], "2033-05-18T03:33:19Z");

    let service = app.service("posts:read").get("/api/whoami").await.expect(200);
    assert_eq!((&service["authenticated"], &service["client_id"]), (&json!(true), &json!("svc_test")));
    assert_eq!((&service["username"], &service["roles"]), (&json!(null), &json!([])));
}

#[actix_web::test]
async fn whoami_refuses_a_bad_token_and_never_takes_it_for_none() {
    let app = TestApp::spawn().await;
    let expired = app.issuer.user("alice").expires_in(-60).sign();
    app.with_token(expired).get("/api/whoami").await.expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn the_protected_endpoint_greets_users_alone() {
    let app = TestApp::spawn().await;
    let greeting = app.user("alice").get("/api/protected").await.expect(200);
    assert_eq!(greeting, json!({"message": "protected endpoint (allowed usr alice)"}));

    let anonymous = app.anonymous().get("/api/protected").await;
    anonymous.expect_problem(401, "missing_token");
    assert_eq!(anonymous.header("www-authenticate"), Some("Bearer"));

    let service = app.service("posts:read posts:write admin").get("/api/protected").await;
    service.expect_problem(403, "user_required");
}

#[actix_web::test]
async fn the_admin_endpoint_needs_the_role_and_the_scope() {
    let app = TestApp::spawn().await;
    assert!(app.admin("root").get("/api/admin").await.expect(200)["message"].is_string());

    let role_alone = app.issuer.user("root").roles(["user", "admin"]).scope("posts:read").sign();
    let scope_alone = app.issuer.user("alice").roles(["user"]).scope("admin").sign();
    let other_case = app.issuer.user("alice").roles(["Admin"]).scope("admin").sign();
    for token in [role_alone, scope_alone, other_case] {
        let refusal = app.with_token(token).get("/api/admin").await;
        refusal.expect_problem(403, "insufficient_scope");
        let challenge = refusal.header("www-authenticate").unwrap();
        assert!(
            challenge.contains(r#"error="insufficient_scope""#) && challenge.contains(r#"scope="admin""#)
        );
    }
    app.service("admin").get("/api/admin").await.expect_problem(403, "insufficient_scope");
    app.anonymous().get("/api/admin").await.expect_problem(401, "missing_token");
}
