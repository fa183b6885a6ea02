//! A running server to test, its callers, and what they get back.

use std::{path::Path, sync::LazyLock};

use reqwest::{
    Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap},
};
use resource_api::{
    app::{self, AppState},
    config::Config,
    openapi,
};
use serde_json::{Value, json};
use shared_claims::{Clock, testing::TestIssuer};
use shared_service::{
    openapi::{Contract, Received},
    server,
};
use tempfile::TempDir;
use test_servers::Database;

pub(crate) const ISSUER: &str = "https://auth.test";

/// What the server promises.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::new(&openapi::document()));

/// A server that trusts a test issuer's key, given as a file, so that nothing goes over the network.
pub(crate) struct TestApp {
    pub(crate) issuer: TestIssuer,
    pub(crate) base: String,
    pub(crate) database: Database,
    http: reqwest::Client,
    _folder: TempDir,
}

/// Somebody who calls the server, always with the same token.
pub(crate) struct Caller<'a> {
    app: &'a TestApp,
    token: Option<String>,
}

/// What came back, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl TestApp {
    pub(crate) async fn spawn() -> Self {
        Self::spawn_with(&[]).await
    }

    /// With some settings (environment variables) that differ from those of most tests.
    pub(crate) async fn spawn_with(settings: &[(&str, &str)]) -> Self {
        Self::spawn_at(Clock::system(), settings).await
    }

    /// With a clock of its own, by which its users' tokens are issued too.
    pub(crate) async fn spawn_at(clock: Clock, settings: &[(&str, &str)]) -> Self {
        let issuer = TestIssuer::new(ISSUER).with_clock(clock.clone());
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("jwks.json");
        std::fs::write(&key_file, issuer.jwks().to_string()).unwrap();
        let database = Database::empty();
        let environment = environment(&database, Some(&key_file));
        let extra = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let base = serve(environment.into_iter().chain(extra), clock);
        Self { issuer, base, database, http: reqwest::Client::new(), _folder: folder }
    }

    /// With a server that takes its keys as `settings` say, and no key file unless they name one.
    pub(crate) async fn spawn_without_key_file(issuer: TestIssuer, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::empty();
        let environment = environment(&database, None);
        let extra = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let base = serve(environment.into_iter().chain(extra), Clock::system());
        Self { issuer, base, database, http: reqwest::Client::new(), _folder: folder }
    }

    pub(crate) fn anonymous(&self) -> Caller<'_> {
        Caller { app: self, token: None }
    }

    pub(crate) fn with_token(&self, token: impl Into<String>) -> Caller<'_> {
        Caller { app: self, token: Some(token.into()) }
    }

    pub(crate) fn user(&self, username: &str) -> Caller<'_> {
        self.with_token(self.issuer.user(username).sign())
    }

    pub(crate) fn admin(&self, username: &str) -> Caller<'_> {
        let token = self.issuer.user(username).roles(["admin"]).scope("posts:read posts:write admin");
        self.with_token(token.sign())
    }

    pub(crate) fn service(&self, scope: &str) -> Caller<'_> {
        self.with_token(self.issuer.service("svc_test").scope(scope).sign())
    }
}

fn environment(database: &Database, key_file: Option<&Path>) -> Vec<(String, String)> {
    let mut environment = vec![
        ("API__LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("API__DATABASE__URL".to_owned(), database.url().to_owned()),
        ("API__AUTH__ISSUER".to_owned(), ISSUER.to_owned()),
    ];
    if let Some(file) = key_file {
        environment.push(("API__AUTH__PUBLIC_KEY_FILE".to_owned(), file.display().to_string()));
    }
    environment
}

fn serve(environment: impl IntoIterator<Item = (String, String)>, clock: Clock) -> String {
    let config = Config::load(None, environment).unwrap();
    let listener = server::bind(config.listen).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let state = AppState::open(config, clock).unwrap();
    actix_rt::spawn(app::serve(actix_web::web::Data::new(state), listener).unwrap());
    base
}

impl Caller<'_> {
    /// A request to adjust and then [`send`].
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.app.http.request(method, format!("{}{path}", self.app.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str) -> Answer {
        send(self.request(Method::PUT, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Posts, and returns the post's id.
    pub(crate) async fn publish(&self, content: &str) -> String {
        let post = self.post("/api/posts", json!({ "content": content })).await.expect(201);
        post["id"].as_str().unwrap().to_owned()
    }

    /// Calls any social endpoint, which makes the caller known.
    pub(crate) async fn show_up(&self) {
        self.get("/api/timeline").await.expect(200);
    }

    pub(crate) async fn follow(&self, username: &str) {
        self.put(&format!("/api/users/{username}/follow")).await.expect(204);
    }
}

/// Sends it, and checks the answer against the description of the API.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let Received { status, headers, body } = CONTRACT.send(request).await;
    Answer { status, headers, body: String::from_utf8(body.into()).unwrap() }
}

impl Answer {
    /// The body of an answer that must have this status; null when there is none.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        if self.body.is_empty() { Value::Null } else { serde_json::from_str(&self.body).unwrap() }
    }

    /// The body of an answer that must be this problem, complete (RFC 9457, plus `code` and `request_id`).
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.header(CONTENT_TYPE.as_str()), Some("application/problem+json"));
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("urn:latchkey:problem:{code}"));
        assert_eq!(problem["status"], status);
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"), "{problem}");
        problem
    }

    /// The members at fault of an answer that must be 422.
    #[track_caller]
    pub(crate) fn expect_faults(&self) -> Vec<String> {
        let problem = self.expect_problem(422, "invalid_input");
        let errors = problem["errors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["message"].as_str().is_some_and(|text| !text.is_empty())));
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// One member of every item of a list.
pub(crate) fn column(list: &Value, member: &str) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

/// Every item of a paged list, by following `next_cursor`, one page of `limit` at a time.
pub(crate) async fn read_all(caller: &Caller<'_>, path: &str, limit: usize, member: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller.get(&format!("{path}?limit={limit}{cursor}")).await.expect(200);
        let items = column(&page, member);
        assert!(items.len() <= limit);
        all.extend(items);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
