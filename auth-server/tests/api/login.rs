use reqwest::StatusCode;
use serde_json::json;
use shared_claims::Principal;

use crate::app::{PASSWORD, START, TestApp};

#[actix_rt::test]
async fn login_gives_a_token_with_the_claims_of_rfc_9068() {
    let app = TestApp::spawn().await;
    let id = app.sign_up("Alice").await.text("id");
    let reply = app.post("/auth/login", json!({"username": "ALICE", "password": PASSWORD})).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.body["token_type"], "Bearer");
    assert_eq!(reply.body["expires_in"], 300);
    assert_eq!(reply.body["refresh_expires_in"], 7 * 24 * 3600);
    assert_eq!(reply.body["scope"], "posts:read posts:write");

    let claims = app.verify(&reply.text("access_token"), "resource-api").await;
    assert_eq!((claims.iss.as_str(), claims.sub.as_str()), (app.url.as_str(), id.as_str()));
    assert_eq!(claims.aud.iter().collect::<Vec<_>>(), [app.url.as_str(), "resource-api"]);
    assert_eq!((claims.iat, claims.exp, claims.auth_time), (START, START + 300, Some(START)));
    assert_eq!(claims.client_id, "first-party");
    let Principal::User(user) = claims.principal() else { panic!("a user's token") };
    assert_eq!((user.username, user.roles), ("Alice", &["user".to_owned()][..]));
}

#[actix_rt::test]
async fn unknown_user_wrong_password_and_inactive_account_get_the_same_answer() {
    let app = TestApp::spawn().await;
    app.sign_up("alice").await;
    app.sign_up("bobby").await;
    assert!(app.command_line(&["users", "deactivate", "bobby"], "").await.status.success());
    let long = format!("{PASSWORD}{}", "x".repeat(80));
    let attempts = [
        ("nobody", PASSWORD),
        ("alice", "wrong password"),
        ("bobby", PASSWORD),
        ("not a name!", PASSWORD),
        ("alice", long.as_str()),
        ("alice", ""),
    ];
    let mut bodies = Vec::new();
    for (username, password) in attempts {
        let mut reply = app.post("/auth/login", json!({"username": username, "password": password})).await;
        reply.assert_problem(401, "invalid_credentials");
        reply.body["request_id"].take();
        bodies.push(reply.body);
    }
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
}

#[actix_rt::test]
async fn a_login_begun_before_a_password_change_does_not_survive_it() {
    let app = TestApp::spawn_with(&[("AUTH__PASSWORDS__BCRYPT_COST", "14")]).await;
    app.sign_up("alice").await;
    let login = app.post("/auth/login", json!({"username": "alice", "password": PASSWORD}));
    let change = async {
        // The user has been read when his password is being hashed.
        while app.state.hasher.in_flight() == 0 {
            actix_rt::task::yield_now().await;
        }
        let set = app
            .command_line(&["users", "set-password", "alice", "--password-stdin"], "another good phrase\n");
        assert!(set.await.status.success());
        assert_eq!(
            app.state.hasher.in_flight(),
            1,
            "the login must still be hashing for this test to mean anything"
        );
    };
    let (reply, ()) = futures_util::future::join(login, change).await;
    reply.assert_problem(401, "invalid_credentials");
    let reply =
        app.post("/auth/login", json!({"username": "alice", "password": "another good phrase"})).await;
    assert_eq!(reply.status, StatusCode::OK);
}

#[actix_rt::test]
async fn a_hash_of_another_cost_is_upgraded_at_login() {
    let app = TestApp::spawn_with(&[("AUTH__PASSWORDS__BCRYPT_COST", "11")]).await;
    let add = app.command_line(&["users", "add", "alice", "--password-stdin"], PASSWORD).await;
    assert!(add.status.success());
    let hash = async || {
        let find = |c: &mut _| Ok(auth_server::store::users::find_by_name(c, "alice")?);
        let found = app.state.store.run::<_, auth_server::error::ApiError, _>(find).await;
        found.unwrap().unwrap().user.password_hash
    };
    assert!(hash().await.starts_with("$2b$10$"));
    app.log_in("alice").await;
    assert!(hash().await.starts_with("$2b$11$"));
    app.log_in("alice").await;
}

#[actix_rt::test]
async fn a_token_can_be_narrowed_to_one_audience_and_never_widened() {
    let app = TestApp::spawn_with(&[("AUTH__TOKENS__AUDIENCE", "resource-api,billing")]).await;
    app.sign_up("alice").await;
    let login = |audience: serde_json::Value| {
        app.post("/auth/login", json!({"username": "alice", "password": PASSWORD, "audience": audience}))
    };
    for audience in
        [json!("billing"), json!(["billing"]), json!(vec!["billing"; 900]), json!("billing billing")]
    {
        let narrowed = login(audience).await.tokens();
        let claims = app.verify(&narrowed.access, "billing").await;
        assert_eq!(claims.aud.iter().collect::<Vec<_>>(), ["billing"]);
        // Not even our own endpoints take it, nor does a refresh widen it.
        app.get_as("/auth/user", &narrowed.access).await.assert_problem(401, "invalid_token");
        let body = json!({"refresh_token": narrowed.refresh, "audience": "resource-api"});
        assert_eq!(app.post("/auth/refresh", body).await.faulty_fields(), ["audience"]);
        let refreshed = app.refresh(&narrowed.refresh).await.tokens();
        assert_eq!(app.verify(&refreshed.access, "billing").await.aud, claims.aud);
    }
    assert_eq!(login(json!("elsewhere")).await.faulty_fields(), ["audience"]);
    assert_eq!(login(json!([])).await.faulty_fields(), ["audience"]);
}

#[actix_rt::test]
async fn roles_grant_scopes_by_the_settings() {
    let app = TestApp::spawn_with(&[("AUTH__ROLES__EDITOR", "posts:read posts:edit")]).await;
    let add = ["users", "add", "alice", "--role", "editor", "--role", "guest", "--password-stdin"];
    assert!(app.command_line(&add, PASSWORD).await.status.success());
    let reply = app.post("/auth/login", json!({"username": "alice", "password": PASSWORD})).await;
    assert_eq!(reply.body["scope"], "posts:edit posts:read");
    let claims = app.verify(&reply.text("access_token"), "resource-api").await;
    assert_eq!(claims.roles.unwrap(), ["editor", "guest"]);
}
