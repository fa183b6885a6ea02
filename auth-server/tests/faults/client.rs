//! A client that remembers what was acknowledged, and holds the server to it.
//!
//! A request that never reached the server changed nothing. One whose answer was lost may have been carried out or not:
//! its session is left alone from then on.

use std::time::Duration;

use reqwest::blocking::Response;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";
const REFRESHES_PER_SESSION: usize = 6;
const LOGINS_PER_USER: usize = 4;

/// Why there is no answer.
#[derive(Debug)]
enum Lost {
    /// Nobody listened.
    OnTheWay,
    /// The server died after it may have read the request.
    Answer,
}

/// A login of ours, as far as we were told.
struct Session {
    link: String,
    refreshes: usize,
}

pub(crate) struct Client {
    name: String,
    url: String,
    http: reqwest::blocking::Client,
    attempts: usize,
    logins: usize,
    users: Vec<String>,
    session: Option<Session>,
    /// A link of every session whose logout was acknowledged.
    logged_out: Vec<String>,
    pub(crate) refreshes: usize,
    pub(crate) logouts: usize,
}

impl Client {
    pub(crate) fn new(number: usize, url: &str) -> Self {
        let http =
            reqwest::blocking::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        Self {
            name: format!("client-{number}"),
            url: url.into(),
            http,
            attempts: 0,
            logins: 0,
            users: Vec::new(),
            session: None,
            logged_out: Vec::new(),
            refreshes: 0,
            logouts: 0,
        }
    }

    pub(crate) fn signups(&self) -> usize {
        self.users.len()
    }

    /// Does one thing.
    pub(crate) fn step(&mut self) {
        match self.session.take() {
            None if self.users.is_empty() || self.logins >= LOGINS_PER_USER => self.sign_up(),
            None => self.start_session(),
            Some(session) if session.refreshes < REFRESHES_PER_SESSION => self.refresh(session),
            Some(session) => self.log_out(session),
        }
    }

    fn sign_up(&mut self) {
        self.attempts += 1;
        let name = format!("{}-{}", self.name, self.attempts);
        let body = json!({"username": name, "password": PASSWORD});
        if let Ok(reply) = self.post("/auth/signup", &body) {
            assert_eq!(reply.status(), 201, "a new name");
            self.users.push(name);
            self.logins = 0;
        }
    }

    fn start_session(&mut self) {
        let Some(name) = self.users.last().cloned() else { return };
        self.session = self.log_in(&name);
        self.logins += usize::from(self.session.is_some());
    }

    fn log_in(&self, name: &str) -> Option<Session> {
        let reply = self.post("/auth/login", &json!({"username": name, "password": PASSWORD})).ok()?;
        assert_eq!(reply.status(), 200, "the acknowledged signup of {name} is gone");
        Some(Session { link: link(reply)?, refreshes: 0 })
    }

    fn refresh(&mut self, session: Session) {
        let reply = match self.post("/auth/refresh", &json!({"refresh_token": session.link})) {
            Ok(reply) => reply,
            Err(Lost::OnTheWay) => return self.session = Some(session),
            Err(Lost::Answer) => return,
        };
        assert_eq!(reply.status(), 200, "the newest acknowledged link is refused");
        let Some(link) = link(reply) else { return };
        self.refreshes += 1;
        self.session = Some(Session { link, refreshes: session.refreshes + 1 });
    }

    fn log_out(&mut self, session: Session) {
        let reply = match self.post("/auth/logout", &json!({"refresh_token": session.link})) {
            Ok(reply) => reply,
            Err(Lost::OnTheWay) => return self.session = Some(session),
            Err(Lost::Answer) => return,
        };
        assert_eq!(reply.status(), 204);
        self.logouts += 1;
        self.logged_out.push(session.link);
    }

    /// Every acknowledged user can log in, and every acknowledged logout holds.
    pub(crate) fn check_everything(&mut self) {
        for name in &self.users {
            assert!(self.log_in(name).is_some(), "the server is up");
        }
        for link in &self.logged_out {
            let reply =
                self.post("/auth/refresh", &json!({"refresh_token": link})).expect("the server is up");
            assert_eq!(reply.status(), 401, "an acknowledged logout is gone");
        }
        if let Some(session) = self.session.take() {
            let reply = self
                .post("/auth/refresh", &json!({"refresh_token": session.link}))
                .expect("the server is up");
            assert_eq!(reply.status(), 200, "the newest acknowledged link is refused");
        }
    }

    fn post(&self, path: &str, body: &Value) -> Result<Response, Lost> {
        let sent = self.http.post(format!("{}{path}", self.url)).json(body).send();
        sent.map_err(|error| if error.is_connect() { Lost::OnTheWay } else { Lost::Answer })
    }
}

/// `None` when the connection broke before the body was whole: then nothing was acknowledged.
fn link(reply: Response) -> Option<String> {
    let body: Value = reply.json().ok()?;
    Some(body["refresh_token"].as_str().expect("a refresh token").to_owned())
}
