use reqwest::Method;
use shared_claims::testing::forgeries;

use crate::support::{TestApp, send};

#[actix_web::test]
async fn every_forgery_is_refused_as_an_invalid_token() {
    let app = TestApp::spawn().await;
    let forged = forgeries(&app.issuer, "resource-api");
    assert!(forged.len() >= 25, "{}", forged.len());
    for forgery in forged {
        for path in ["/api/protected", "/api/whoami", "/api/timeline"] {
            let answer = app.with_token(forgery.token.as_str()).get(path).await;
            assert_eq!(answer.status, 401, "{} at {path}: {}", forgery.name, answer.body);
            answer.expect_problem(401, "invalid_token");
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(
                challenge.starts_with(r#"Bearer error="invalid_token", error_description=""#),
                "{challenge}"
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
    app.user("alice").get("/api/protected").await.expect(200);
}

#[actix_web::test]
async fn a_token_is_taken_from_one_bearer_header_and_from_nowhere_else() {
    let app = TestApp::spawn().await;
    let token = app.issuer.user("alice").sign();
    let anonymous = app.anonymous();

    let in_query = anonymous.get(&format!("/api/protected?access_token={token}")).await;
    in_query.expect_problem(401, "missing_token");
    let get = || anonymous.request(Method::GET, "/api/protected");
    send(get().header("authorization", format!("bearer {token}"))).await.expect(200);
    let basic = send(get().basic_auth("alice", Some(&token))).await;
    assert_eq!((basic.status, basic.header("www-authenticate")), (401, Some("Bearer")));
    for header in ["Bearer".to_owned(), "Bearer ".to_owned(), format!("Bearer {token} {token}")] {
        send(get().header("authorization", header)).await.expect_problem(401, "invalid_token");
    }
    let twice = get().header("authorization", format!("Bearer {token}")).header("authorization", "Bearer x");
    send(twice).await.expect_problem(401, "invalid_token");
}

#[actix_web::test]
async fn each_scope_opens_its_own_doors() {
    let app = TestApp::spawn().await;
    app.user("bob").show_up().await;
    let reader = app.with_token(app.issuer.user("alice").scope("posts:read").sign());
    let writer = app.with_token(app.issuer.user("alice").scope("posts:write").sign());
    let post = format!("/api/posts/{}", app.user("bob").publish("hello").await);

    let reads = ["/api/timeline", "/api/users/bob", "/api/users/bob/posts", "/api/users/bob/followers"];
    for path in reads.into_iter().chain(["/api/users/bob/following", post.as_str()]) {
        reader.get(path).await.expect(200);
        let refusal = writer.get(path).await;
        refusal.expect_problem(403, "insufficient_scope");
        assert!(refusal.header("www-authenticate").unwrap().contains(r#"scope="posts:read""#), "{path}");
        app.anonymous().get(path).await.expect_problem(401, "missing_token");
    }
    for (method, path) in [
        (Method::POST, "/api/posts"),
        (Method::DELETE, post.as_str()),
        (Method::PUT, "/api/users/bob/follow"),
        (Method::DELETE, "/api/users/bob/follow"),
    ] {
        let refusal = send(reader.request(method.clone(), path)).await;
        refusal.expect_problem(403, "insufficient_scope");
        assert!(refusal.header("www-authenticate").unwrap().contains(r#"scope="posts:write""#), "{path}");
        send(app.anonymous().request(method, path)).await.expect_problem(401, "missing_token");
    }
}

#[actix_web::test]
async fn a_service_may_read_but_does_nothing_in_a_users_name() {
    let app = TestApp::spawn().await;
    let post = format!("/api/posts/{}", app.user("bob").publish("hello").await);
    let service = app.service("posts:read posts:write admin");
    let reads =
        ["/api/users/bob", "/api/users/bob/posts", "/api/users/bob/followers", "/api/users/bob/following"];
    for path in reads.into_iter().chain([post.as_str()]) {
        service.get(path).await.expect(200);
    }
    assert_eq!(service.get("/api/users/bob").await.expect(200)["followed_by_me"], false);
    for (method, path) in [
        (Method::GET, "/api/timeline"),
        (Method::POST, "/api/posts"),
        (Method::DELETE, post.as_str()),
        (Method::PUT, "/api/users/bob/follow"),
        (Method::DELETE, "/api/users/bob/follow"),
    ] {
        send(service.request(method, path)).await.expect_problem(403, "user_required");
    }
    app.user("alice").get("/api/users/svc_test").await.expect_problem(404, "user_not_found");
}
