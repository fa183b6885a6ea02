use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::app::{Reply, TestApp};

async fn token(app: &TestApp, form: &[(&str, &str)]) -> Reply {
    Reply::of(app.request(Method::POST, "/oauth/token").form(form)).await
}

#[actix_rt::test]
async fn the_refresh_grant_gives_what_the_refresh_endpoint_gives() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let form =
        [("grant_type", "refresh_token"), ("client_id", "first-party"), ("refresh_token", &tokens.refresh)];
    let reply = token(&app, &form).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let refreshed = reply.tokens();
    assert_eq!(app.refresh(&tokens.refresh).await.tokens().refresh, refreshed.refresh);
}

#[actix_rt::test]
async fn scope_and_audience_can_be_narrowed_and_never_widened() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let refresh = async |name: &str, value: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "first-party"),
            ("refresh_token", tokens.refresh.as_str()),
            (name, value),
        ];
        token(&app, &form).await
    };
    let narrowed = refresh("scope", "posts:read").await;
    assert_eq!(narrowed.body["scope"], "posts:read");
    let claims = app.verify(&narrowed.text("access_token"), "resource-api").await;
    assert_eq!(claims.scope.to_string(), "posts:read");
    let narrowed = refresh("audience", "resource-api").await;
    let claims = app.verify(&narrowed.text("access_token"), "resource-api").await;
    assert_eq!(claims.aud.iter().collect::<Vec<_>>(), ["resource-api"]);
    refresh("scope", "posts:read admin").await.assert_oauth_error(400, "invalid_scope");
    refresh("scope", "a\"b").await.assert_oauth_error(400, "invalid_scope");
    refresh("audience", "elsewhere").await.assert_oauth_error(400, "invalid_target");
    // A narrower token does not narrow the session.
    assert_eq!(refresh("scope", "").await.body["scope"], "posts:read posts:write");
}

#[actix_rt::test]
async fn errors_are_those_of_rfc_6749() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let link = ("refresh_token", tokens.refresh.as_str());
    let first_party = ("client_id", "first-party");
    let grant = ("grant_type", "refresh_token");
    token(&app, &[grant, link]).await.assert_oauth_error(400, "invalid_request");
    token(&app, &[first_party, link]).await.assert_oauth_error(400, "invalid_request");
    token(&app, &[first_party, grant]).await.assert_oauth_error(400, "invalid_request");
    token(&app, &[first_party, grant, link, grant]).await.assert_oauth_error(400, "invalid_request");
    token(&app, &[first_party, ("grant_type", "password")])
        .await
        .assert_oauth_error(400, "unsupported_grant_type");
    token(&app, &[("client_id", "somebody"), grant, link]).await.assert_oauth_error(401, "invalid_client");
    token(&app, &[first_party, ("client_secret", "x"), grant, link])
        .await
        .assert_oauth_error(401, "invalid_client");
    token(&app, &[first_party, grant, ("refresh_token", "unknown")])
        .await
        .assert_oauth_error(400, "invalid_grant");

    let basic =
        app.request(Method::POST, "/oauth/token").basic_auth("first-party", Some("")).form(&[grant, link]);
    let reply = Reply::of(basic).await;
    reply.assert_oauth_error(401, "invalid_client");
    assert!(reply.header("www-authenticate").starts_with("Basic"));

    let as_json =
        Reply::of(app.request(Method::POST, "/oauth/token").json(&json!({"grant_type": "x"}))).await;
    as_json.assert_oauth_error(400, "invalid_request");
    // None of that has hurt the session.
    assert_eq!(app.refresh(&tokens.refresh).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn even_unknown_paths_and_methods_answer_in_the_form_of_oauth() {
    let app = TestApp::spawn().await;
    app.get("/oauth/nothing").await.assert_oauth_error(404, "invalid_request");
    let reply = app.get("/oauth/token").await;
    reply.assert_oauth_error(405, "invalid_request");
    assert_eq!(reply.header("allow"), "POST");
    let huge = app.request(Method::POST, "/oauth/token").form(&[("x", "y".repeat(20_000))]);
    Reply::of(huge).await.assert_oauth_error(413, "invalid_request");
}
