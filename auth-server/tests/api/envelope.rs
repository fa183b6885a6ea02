use reqwest::{Method, StatusCode};

use crate::app::{Reply, TestApp};

#[actix_rt::test]
async fn rejections_of_the_framework_are_problems_too() {
    let app = TestApp::spawn().await;
    let login = |body: &'static str| {
        Reply::of(
            app.request(Method::POST, "/auth/login").header("content-type", "application/json").body(body),
        )
    };
    login("{bad").await.assert_problem(400, "invalid_json");
    login("{} trailing").await.assert_problem(422, "invalid_input");
    login(r#"{"username":"alice","password":"x"} trailing"#).await.assert_problem(400, "invalid_json");
    login("").await.assert_problem(400, "invalid_json");
    assert_eq!(login("{}").await.faulty_fields(), ["username"]);
    assert_eq!(login(r#"{"username":"alice"}"#).await.faulty_fields(), ["password"]);
    assert_eq!(login(r#"{"username":1,"password":"x"}"#).await.faulty_fields(), ["username"]);
    assert_eq!(login(r#"{"username":"a","password":"x","mode":"y"}"#).await.faulty_fields(), ["mode"]);
    for not_an_object in ["[\"alice\",\"x\",\"json\",null]", "\"hunter2\"", "17"] {
        let reply = login(not_an_object).await;
        assert_eq!(reply.faulty_fields(), ["body"]);
        assert!(!reply.body.to_string().contains("hunter2"), "the input came back");
    }
    let number = login(r#"{"username":"alice","password":12345678901}"#).await;
    assert_eq!(number.faulty_fields(), ["password"]);
    assert!(!number.body.to_string().contains("12345678901"), "the password came back");
    app.get("/nowhere").await.assert_problem(404, "not_found");
    let reply = app.get("/auth/login").await;
    reply.assert_problem(405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "POST");
    let text = app.request(Method::POST, "/auth/login").header("content-type", "text/plain").body("{}");
    Reply::of(text).await.assert_problem(415, "unsupported_media_type");
    let huge = app.request(Method::POST, "/auth/login").header("content-type", "application/json");
    Reply::of(huge.body("x".repeat(20_000))).await.assert_problem(413, "body_too_large");
}

#[actix_rt::test]
async fn a_compressed_body_is_refused_and_not_inflated() {
    let app = TestApp::spawn().await;
    for path in ["/auth/login", "/auth/refresh"] {
        let request = app.request(Method::POST, path).header("content-type", "application/json");
        let request = request.header("content-encoding", "gzip").body(&b"\x1f\x8b\x08 and so on"[..]);
        Reply::of(request).await.assert_problem(415, "unsupported_media_type");
    }
}

#[actix_rt::test]
async fn when_every_hashing_thread_is_busy_the_answer_is_503_at_once() {
    let app = TestApp::spawn_with(&[("AUTH__PASSWORDS__BCRYPT_COST", "12")]).await;
    let attempts = 40 * std::thread::available_parallelism().unwrap().get();
    let names: Vec<String> = (0..attempts).map(|n| format!("user-{n}")).collect();
    let replies = futures_util::future::join_all(names.iter().map(|name| app.sign_up(name))).await;
    let refused: Vec<&Reply> = replies.iter().filter(|reply| reply.status != StatusCode::CREATED).collect();
    assert!(!refused.is_empty() && refused.len() < attempts, "{} of {attempts} refused", refused.len());
    for reply in refused {
        reply.assert_problem(503, "unavailable");
        assert_ne!(reply.header("retry-after"), "");
    }
}

#[actix_rt::test]
async fn head_is_answered_as_get_without_a_body() {
    let app = TestApp::spawn().await;
    let reply = Reply::of(app.request(Method::HEAD, "/.well-known/jwks.json")).await;
    assert_eq!((reply.status, &reply.body), (StatusCode::OK, &serde_json::Value::Null));
    let length: usize = reply.header("content-length").parse().unwrap();
    assert_eq!(length, app.get("/.well-known/jwks.json").await.body.to_string().len());
    assert_eq!(Reply::of(app.request(Method::HEAD, "/auth/user")).await.status, StatusCode::UNAUTHORIZED);
}

#[actix_rt::test]
async fn every_answer_has_a_request_id_of_its_own() {
    let app = TestApp::spawn().await;
    let first = app.get("/").await.header("x-request-id").to_owned();
    let second = app.get("/").await.header("x-request-id").to_owned();
    assert!(first.len() == 16 && first != second, "{first} {second}");
}

#[actix_rt::test]
async fn an_internal_failure_is_500_and_its_cause_is_not_told() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    break_database(&app).await;
    let reply = app.refresh(&tokens.refresh).await;
    reply.assert_problem(500, "internal");
    assert!(!reply.body.to_string().contains("sessions"), "the cause came out: {reply:?}");
}

/// Takes a table away, as the most brutal of operators.
async fn break_database(app: &TestApp) {
    use diesel::connection::SimpleConnection;
    let dropped = app.state.store.run::<_, auth_server::error::ApiError, _>(|c| {
        Ok(c.batch_execute("ALTER TABLE sessions RENAME TO gone")?)
    });
    dropped.await.unwrap();
}
