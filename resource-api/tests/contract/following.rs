//! Following users of auth-server, whom resource-api asks for as a client of auth-server.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use auth_server::clients::ClientChange;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::system::{PASSWORD, Setup, System};

/// Both servers with their clocks in hand, users of these names, and a resource-api that is a client.
struct Scene {
    system: System,
    api: String,
    client_id: String,
    alice: String,
}

impl Scene {
    async fn with_users(names: &[&str]) -> Self {
        let auth_settings = vec![("AUTH__TOKENS__ACCESS_TTL", "1h")];
        let system = System::with_users(Setup { auth_settings, ..Setup::with_fixed_clocks() }, names).await;
        let (client_id, secret) = system.register_client("resource-api", "users:read");
        let api = system.start_api_with(&credentials(&client_id, &secret));
        let alice = system.login("alice").await.access_token;
        Self { system, api, client_id, alice }
    }

    async fn follow(&self, username: &str) -> Response {
        follow(&self.api, &self.alice, username).await
    }

    /// Whom alice follows, the newest first.
    async fn following(&self) -> Value {
        let url = format!("{}/api/users/alice/following", self.api);
        let list: Value = reqwest::Client::new()
            .get(url)
            .bearer_auth(&self.alice)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        list["items"].as_array().unwrap().iter().map(|item| item["username"].clone()).collect()
    }

    /// By both clocks.
    fn pass(&self, time: Duration) {
        self.system.setup.auth_clock.advance(time);
        self.system.setup.api_clock.advance(time);
    }
}

fn credentials<'a>(id: &'a str, secret: &'a str) -> [(&'static str, &'a str); 2] {
    [("API__SERVICE__CLIENT_ID", id), ("API__SERVICE__CLIENT_SECRET", secret)]
}

async fn follow(api: &str, token: &str, username: &str) -> Response {
    let url = format!("{api}/api/users/{username}/follow");
    reqwest::Client::new().put(url).bearer_auth(token).send().await.unwrap()
}

async fn expect_come_back(answer: Response) {
    assert_eq!(answer.status(), 503);
    let retry_after = answer.headers()["retry-after"].to_str().unwrap().parse::<u32>().unwrap();
    assert!((1..=60).contains(&retry_after), "{retry_after}");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "directory_unavailable");
}

#[actix_rt::test]
async fn a_user_who_has_signed_up_but_never_called_can_be_followed_and_nobody_else() {
    let scene = Scene::with_users(&["alice", "Bob"]).await;
    for name in ["bob", "BOB"] {
        assert_eq!(scene.follow(name).await.status(), 204, "{name}");
    }
    assert_eq!(scene.follow("carol").await.status(), 404);
    assert_eq!(scene.following().await, json!(["Bob"]));

    // He is the same when he calls.
    let bob = scene.system.login("Bob").await.access_token;
    assert_eq!(follow(&scene.api, &bob, "alice").await.status(), 204);
    assert_eq!(scene.following().await, json!(["Bob"]));
    assert_eq!(follow(&scene.api, &bob, "bob").await.status(), 422);
}

#[actix_rt::test]
async fn without_auth_server_known_users_can_be_followed_and_others_later() {
    let mut scene = Scene::with_users(&["alice", "bob", "carol"]).await;
    assert_eq!(scene.follow("bob").await.status(), 204);
    scene.system.stop_auth().await;
    // Past the time for which the name was confirmed, and past the life of the client's token.
    for time in [Duration::ZERO, Duration::from_mins(6)] {
        scene.pass(time);
        assert_eq!(scene.follow("bob").await.status(), 204);
        expect_come_back(scene.follow("carol").await).await;
    }
    scene.system.restart_auth();
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while scene.follow("carol").await.status() != 204 {
        assert!(std::time::Instant::now() < deadline, "it does not recover");
        actix_rt::time::sleep(Duration::from_millis(50)).await;
    }
}

#[actix_rt::test]
async fn a_name_that_was_freed_and_taken_again_goes_to_the_new_account_after_five_minutes() {
    let scene = Scene::with_users(&["alice", "bob"]).await;
    assert_eq!(scene.follow("bob").await.status(), 204);
    let bob = scene.system.login("bob").await.access_token;
    scene.system.send(Method::DELETE, "/auth/user", Some(&bob), json!({ "password": PASSWORD })).await;
    scene.system.post("/auth/signup", json!({ "username": "bob", "password": PASSWORD })).await;
    // Not asked for yet: alice follows the one she followed.
    assert_eq!(scene.follow("bob").await.status(), 204);
    assert_eq!(scene.following().await, json!(["bob"]));
    scene.pass(Duration::from_mins(5));
    assert_eq!(scene.follow("bob").await.status(), 204);
    assert_eq!(scene.following().await, json!(["bob", "[deleted]"]));
}

#[actix_rt::test]
async fn a_name_that_was_freed_is_nobodys_after_five_minutes() {
    let scene = Scene::with_users(&["alice", "bob"]).await;
    assert_eq!(scene.follow("bob").await.status(), 204);
    let bob = scene.system.login("bob").await.access_token;
    scene.system.send(Method::DELETE, "/auth/user", Some(&bob), json!({ "password": PASSWORD })).await;
    scene.pass(Duration::from_mins(5));
    assert_eq!(scene.follow("bob").await.status(), 404);
    assert_eq!(scene.following().await, json!(["[deleted]"]));
}

#[actix_rt::test]
async fn a_token_that_auth_server_has_revoked_is_replaced_at_once() {
    let scene = Scene::with_users(&["alice", "bob", "carol"]).await;
    assert_eq!(scene.follow("bob").await.status(), 204);
    for is_active in [false, true] {
        let change = ClientChange { is_active: Some(is_active), ..ClientChange::default() };
        scene.system.change_client(&scene.client_id, &change);
    }
    assert_eq!(scene.follow("carol").await.status(), 204);
}

#[actix_rt::test]
async fn a_client_without_the_scope_cannot_ask() {
    let system = System::with_users(Setup::default(), &["alice", "bob"]).await;
    let alice = system.login("alice").await.access_token;
    let (id, secret) = system.register_client("resource-api", "posts:read");
    let api = system.start_api_with(&credentials(&id, &secret));
    expect_come_back(follow(&api, &alice, "bob").await).await;
}

/// The program itself, because what is told stands in its log.
#[actix_rt::test]
async fn a_wrong_secret_is_come_back_later_and_the_log_says_what_to_check() {
    let system = System::with_users(Setup::default(), &["alice", "bob"]).await;
    let alice = system.login("alice").await.access_token;
    let (id, _) = system.register_client("resource-api", "users:read");
    let (issuer, _) = system.issuer_and_folder();
    let database = test_servers::Database::empty();
    let mut server = Command::new(env!("CARGO_BIN_EXE_resource-api"))
        .env_clear()
        .env("API__LISTEN", "127.0.0.1:0")
        .env("API__DATABASE__URL", database.url())
        .env("API__AUTH__ISSUER", issuer)
        .envs(credentials(&id, "not-the-s3cret"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
    let api = log
        .find_map(|line| line.split_once("resource-api listening on ").map(|(_, url)| url.to_owned()))
        .unwrap();
    expect_come_back(follow(&api, &alice, "bob").await).await;
    expect_come_back(follow(&api, &alice, "carol").await).await;
    server.kill().unwrap();
    server.wait().unwrap();
    let log: Vec<String> = log.collect();
    let told =
        |line: &&String| line.contains("invalid_client") && line.contains("check the client's id and secret");
    assert!(log.iter().any(|line| told(&line) && line.contains("/oauth/token")), "{log:#?}");
    assert!(
        log.iter().any(|line| told(&line) && line.contains("cannot ask auth-server about users")),
        "{log:#?}"
    );
    assert!(!log.iter().any(|line| line.contains("not-the-s3cret") || line.contains(&alice)), "{log:#?}");
}
