//! The server under test, and clients named by who they are.

use std::{
    net::TcpListener,
    sync::{Arc, LazyLock},
};

use actix_web::{dev::ServerHandle, web::Data};
use auth_server::{app::AppState, config::Config, openapi, store};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use shared_claims::{AccessClaims, Clock, KeySet, TokenRules, UnverifiedToken};
use shared_service::openapi::{Contract, Received};
use tempfile::TempDir;
use test_servers::Database;

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const ORIGIN: &str = "http://localhost:3000";
pub(crate) const START: i64 = 1_800_000_000;
/// The default grace, in seconds.
pub(crate) const GRACE: u64 = 30;

/// What the server promises.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::new(&openapi::document()));

/// A running auth-server whose clock stands still until it is moved.
pub(crate) struct TestApp {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) state: Data<AppState>,
    pub(crate) place: Arc<Place>,
    http: reqwest::Client,
    handle: ServerHandle,
}

/// What instances share.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) database: Database,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A user who has signed up and logged in.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl TestApp {
    pub(crate) async fn spawn() -> Self {
        Self::spawn_with(&[]).await
    }

    /// With these settings on top of the defaults.
    pub(crate) async fn spawn_with(settings: &[(&str, &str)]) -> Self {
        let place = Place { folder: tempfile::tempdir().unwrap(), database: Database::empty() };
        Self::spawn_in(Arc::new(place), Clock::fixed_at(START * 1000), settings).await
    }

    /// Without back-off, for tests in which one account is asked for many times at once.
    pub(crate) async fn spawn_without_limits() -> Self {
        Self::spawn_with(&[("AUTH__LIMITS__ENABLED", "false")]).await
    }

    /// Another instance on the same database, keys and clock, with limits if this one has them.
    pub(crate) async fn spawn_beside(&self) -> Self {
        self.spawn_beside_with(&[]).await
    }

    /// Another one with these settings.
    pub(crate) async fn spawn_beside_with(&self, settings: &[(&str, &str)]) -> Self {
        let issuer = self.state.config.issuer.as_str().to_owned();
        let limits = self.state.config.limits.enabled.to_string();
        let own = [("AUTH__LIMITS__ENABLED", limits.as_str()), ("AUTH__ISSUER", issuer.as_str())];
        let settings = [&own, settings].concat();
        Self::spawn_in(self.place.clone(), self.clock.clone(), &settings).await
    }

    async fn spawn_in(place: Arc<Place>, clock: Clock, settings: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut environment = environment(&place);
        environment.push(("AUTH__ISSUER".into(), url.clone()));
        environment.extend(settings.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        let config = Config::load(None, environment).unwrap();
        let opening = clock.clone();
        let opened = actix_web::web::block(move || AppState::open(config, opening)).await.unwrap();
        let state = Data::new(opened.unwrap());
        let server = auth_server::app::serve(state.clone(), listener).unwrap();
        let handle = server.handle();
        actix_rt::spawn(server);
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { url, clock, state, place, http, handle }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    pub(crate) async fn get_as(&self, path: &str, access_token: &str) -> Reply {
        Reply::of(self.request(Method::GET, path).bearer_auth(access_token)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        Reply::of(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn sign_up(&self, username: &str) -> Reply {
        self.post("/auth/signup", json!({"username": username, "password": PASSWORD})).await
    }

    pub(crate) async fn log_in(&self, username: &str) -> Tokens {
        self.post("/auth/login", json!({"username": username, "password": PASSWORD})).await.tokens()
    }

    /// Signs up and logs in.
    pub(crate) async fn user(&self, username: &str) -> Tokens {
        assert_eq!(self.sign_up(username).await.status, StatusCode::CREATED);
        self.log_in(username).await
    }

    pub(crate) async fn refresh(&self, link: &str) -> Reply {
        self.post("/auth/refresh", json!({"refresh_token": link})).await
    }

    /// Checks a token as any service would, from the published key set alone.
    pub(crate) async fn verify(&self, token: &str, audience: &str) -> AccessClaims {
        let jwks = self.get("/.well-known/jwks.json").await.body.to_string();
        let keys = KeySet::from_jwks(jwks.as_bytes()).unwrap();
        let token = UnverifiedToken::parse(token).unwrap();
        let rules = TokenRules::new(self.state.config.issuer.as_str(), audience).clock(self.clock.clone());
        token.verify(keys.get(token.kid()).unwrap(), &rules).unwrap()
    }

    /// Runs the program on the command line, against the same database.
    pub(crate) async fn command_line(&self, arguments: &[&str], input: &str) -> std::process::Output {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_auth-server"));
        command.args(arguments).envs(environment(&self.place));
        let input = input.to_owned();
        actix_web::web::block(move || run(command, &input)).await.unwrap()
    }

    /// The row of a user's session.
    pub(crate) async fn session(&self, access_token: &str) -> store::sessions::Session {
        let claims = self.verify(access_token, self.state.config.issuer.as_str()).await;
        let id = claims.sid.unwrap();
        let found = self
            .state
            .store
            .run::<_, auth_server::error::ApiError, _>(move |c| Ok(store::sessions::find(c, &id)?));
        found.await.unwrap().unwrap().session
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(true).await;
    }
}

/// With rates that no test reaches which is not about them: all requests come from one address.
fn environment(place: &Place) -> Vec<(String, String)> {
    let rates = ["LOGIN", "SIGNUP", "REFRESH", "TOKEN", "INTROSPECT", "STATUS_LISTS"];
    let rates = rates.map(|rate| (format!("AUTH__LIMITS__{rate}"), "1000000/1s".to_owned()));
    let mut environment = vec![
        ("AUTH__DATABASE__URL".into(), place.database.url().to_owned()),
        ("AUTH__KEYS__DIR".into(), place.folder.path().join("keys").display().to_string()),
        ("AUTH__PASSWORDS__BCRYPT_COST".into(), "10".into()),
    ];
    environment.extend(rates);
    environment
}

fn run(mut command: std::process::Command, input: &str) -> std::process::Output {
    use std::{io::Write, process::Stdio};
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

impl Reply {
    /// Sends it, and checks the answer against the description of the API.
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let Received { status, headers, body } = CONTRACT.send(request).await;
        let status = StatusCode::from_u16(status).unwrap();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Self { status, headers, body }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that this is a problem of this status and code, whole and well-formed.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("urn:latchkey:problem:{code}"));
        assert!(self.body["title"].is_string());
        assert_eq!(self.body["request_id"], self.header("x-request-id"));
    }

    /// The names of the members that a 422 complains about.
    pub(crate) fn faulty_fields(&self) -> Vec<&str> {
        self.assert_problem(422, "invalid_input");
        let errors = self.body["errors"].as_array().unwrap();
        errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
    }

    pub(crate) fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no {member} in {self:?}")).to_owned()
    }

    pub(crate) fn tokens(&self) -> Tokens {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        Tokens { access: self.text("access_token"), refresh: self.text("refresh_token") }
    }
}
