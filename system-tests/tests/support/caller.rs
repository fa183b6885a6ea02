//! Somebody who calls both services.

use std::time::Duration;

use reqwest::{
    Method,
    blocking::{Client, RequestBuilder},
    header::{HeaderMap, RETRY_AFTER},
};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "correct horse battery";
const TIMEOUT: Duration = Duration::from_secs(40);

pub(crate) struct Caller {
    pub(crate) http: Client,
    pub(crate) auth: String,
    pub(crate) api: String,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Null when there is none.
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
}

/// What a login or a refresh gives.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) access_token: String,
    pub(crate) link: String,
}

impl Caller {
    pub(crate) fn new(auth: String, api: String) -> Self {
        let http = Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap();
        Self { http, auth, api }
    }

    /// An error when there is no whole answer. What stands under `/api` is resource-api's.
    pub(crate) fn try_send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> reqwest::Result<Reply> {
        let host = if path.starts_with("/api") { &self.api } else { &self.auth };
        let mut request = self.http.request(method, format!("{host}{path}"));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        Reply::of(request)
    }

    pub(crate) fn send(&self, method: Method, path: &str, token: Option<&str>, body: &Value) -> Reply {
        self.try_send(method, path, token, body).unwrap_or_else(|error| panic!("{path}: {error:?}"))
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Reply {
        self.send(Method::GET, path, Some(token), &Value::Null)
    }

    pub(crate) fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Reply {
        self.send(Method::POST, path, token, body)
    }

    pub(crate) fn sign_up(&self, name: &str) {
        self.post("/auth/signup", None, &json!({"username": name, "password": PASSWORD})).expect(201);
    }

    pub(crate) fn log_in(&self, name: &str) -> Login {
        let reply = self.post("/auth/login", None, &json!({"username": name, "password": PASSWORD}));
        Login::from(&reply.expect(200))
    }
}

impl Reply {
    /// An error when there is no whole answer.
    pub(crate) fn of(request: RequestBuilder) -> reqwest::Result<Self> {
        let answer = request.send()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = serde_json::from_slice(&answer.bytes()?).unwrap_or_default();
        Ok(Self { status, body, headers })
    }

    /// In seconds.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

impl From<&Value> for Login {
    fn from(body: &Value) -> Self {
        let text = |member: &str| body[member].as_str().expect("a token").to_owned();
        Self { access_token: text("access_token"), link: text("refresh_token") }
    }
}
