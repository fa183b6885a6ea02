//! The contract between the two servers: what the real auth-server signs the real resource-api accepts, over the real
//! network, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{net::TcpListener, path::Path, time::Duration};

use actix_web::{dev::ServerHandle, web::Data};
use serde_json::{Value, json};
use shared_claims::Clock;

const PASSWORD: &str = "correct horse battery";
const DAY: Duration = Duration::from_hours(24);

/// Both servers, each with a clock of its own.
struct System {
    auth: String,
    api: String,
    auth_clock: Clock,
    api_clock: Clock,
    auth_handle: ServerHandle,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn database(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(name).display())
}

impl System {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Clock::system().now_ms();
        let (auth_clock, api_clock) = (Clock::fixed_at(now), Clock::fixed_at(now));
        let (auth_listener, auth) = listener();
        let (api_listener, api) = listener();
        let settings = [
            ("AUTH__ISSUER", auth.clone()),
            ("AUTH__DATABASE__URL", database(folder.path(), "auth.db")),
            ("AUTH__KEYS__DIR", folder.path().join("keys").display().to_string()),
            ("AUTH__KEYS__PUBLISH_AHEAD", "4s".into()),
            ("AUTH__TOKENS__AUDIENCE", "resource-api,billing".into()),
            ("AUTH__PASSWORDS__BCRYPT_COST", "10".into()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        let config = auth_server::config::Config::load(None, settings).unwrap();
        let state = auth_server::app::AppState::open(config, auth_clock.clone()).unwrap();
        let server = auth_server::app::serve(Data::new(state), auth_listener).unwrap();
        let auth_handle = server.handle();
        actix_rt::spawn(server);

        let settings =
            [("API__AUTH__ISSUER", auth.clone()), ("API__DATABASE__URL", database(folder.path(), "api.db"))];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        let config = resource_api::config::Config::load(None, settings).unwrap();
        let state = resource_api::app::AppState::open(config, api_clock.clone()).unwrap();
        actix_rt::spawn(resource_api::app::serve(Data::new(state), api_listener).unwrap());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { auth, api, auth_clock, api_clock, auth_handle, http, _folder: folder }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let sent = self.http.post(format!("{}{path}", self.auth)).json(&body).send().await.unwrap();
        assert!(sent.status().is_success(), "{path}: {}", sent.status());
        sent.json().await.unwrap()
    }

    async fn login(&self, extra: &[(&str, &str)]) -> Value {
        let mut body = json!({"username": "alice", "password": PASSWORD});
        for (name, value) in extra {
            body[*name] = json!(value);
        }
        self.post("/auth/login", body).await
    }

    async fn with_alice() -> Self {
        let system = Self::start().await;
        system.post("/auth/signup", json!({"username": "alice", "password": PASSWORD})).await;
        system
    }

    /// The status of resource-api's protected page for this token.
    async fn protected(&self, token: &str) -> u16 {
        let url = format!("{}/api/protected", self.api);
        self.http.get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
    }
}

fn text(reply: &Value, member: &str) -> String {
    reply[member].as_str().unwrap().to_owned()
}

#[actix_rt::test]
async fn a_token_from_login_or_refresh_opens_the_protected_page() {
    let system = System::with_alice().await;
    let login = system.login(&[]).await;
    assert_eq!(system.protected(&text(&login, "access_token")).await, 200);
    let body = json!({"refresh_token": text(&login, "refresh_token")});
    let refreshed = system.post("/auth/refresh", body).await;
    assert_eq!(system.protected(&text(&refreshed, "access_token")).await, 200);
}

#[actix_rt::test]
async fn a_token_with_any_part_changed_is_refused() {
    let system = System::with_alice().await;
    let login = system.login(&[]).await;
    let token = text(&login, "access_token");
    for at in (0..token.len()).step_by(7).chain([token.len() - 1]) {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(system.protected(&changed).await, 401, "changed at {at}");
    }
    let other = text(&system.login(&[]).await, "access_token");
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (mine, others) = (parts(&token), parts(&other));
    assert_eq!(
        system.protected(&format!("{}.{}.{}", mine[0], mine[1], others[2])).await,
        401,
        "another's signature"
    );
    assert_eq!(system.protected(&text(&login, "refresh_token")).await, 401, "a refresh token");
    assert_eq!(system.protected(&token).await, 200, "the token itself");
}

#[actix_rt::test]
async fn a_token_for_another_service_is_refused() {
    let system = System::with_alice().await;
    let billing = system.login(&[("audience", "billing")]).await;
    assert_eq!(system.protected(&text(&billing, "access_token")).await, 401);
    let ours = system.login(&[("audience", "resource-api")]).await;
    assert_eq!(system.protected(&text(&ours, "access_token")).await, 200);
}

#[actix_rt::test]
async fn expired_and_premature_tokens_are_refused_beyond_the_leeway() {
    let system = System::with_alice().await;
    let token = text(&system.login(&[]).await, "access_token");
    let issued = system.api_clock.now_ms();
    for (seconds, status) in [(304, 200), (306, 401), (-4, 200), (-7, 401)] {
        system.api_clock.set(issued + seconds * 1000);
        assert_eq!(system.protected(&token).await, status, "{seconds} s after it was issued");
    }
}

#[actix_rt::test]
async fn a_new_signing_key_is_known_before_it_signs() {
    let system = System::with_alice().await;
    let before = text(&system.login(&[]).await, "access_token");
    assert_eq!(system.protected(&before).await, 200);
    // The next key's time has come; resource-api has had it in its set since the first fetch.
    system.auth_clock.advance(30 * DAY);
    system.api_clock.advance(30 * DAY);
    let after = text(&system.login(&[]).await, "access_token");
    let header = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(header(&before), header(&after));
    system.auth_handle.stop(true).await;
    assert_eq!(system.protected(&after).await, 200);
}

#[actix_rt::test]
async fn when_auth_server_is_gone_good_tokens_stay_good() {
    let system = System::with_alice().await;
    let token = text(&system.login(&[]).await, "access_token");
    assert_eq!(system.protected(&token).await, 200);
    system.auth_handle.stop(true).await;
    for _ in 0..20 {
        assert_eq!(system.protected(&token).await, 200);
    }
    assert_eq!(system.protected("nonsense").await, 401);
}
