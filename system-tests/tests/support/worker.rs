//! A client as real ones are: it signs up, logs in, refreshes, posts, follows and logs out, and repeats what was not
//! answered. It remembers what was acknowledged, and holds the servers to it.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Caller, Deployment, Login, PASSWORD, Reply};

/// A client gives up so long before the grace of a refresh ends.
const TO_SPARE: Duration = Duration::from_secs(3);
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
const ROUNDS_PER_USER: usize = 3;
const REFRESHES_PER_SESSION: usize = 3;

/// One request and how it ended.
#[derive(Debug)]
pub(crate) struct Try {
    /// Method and path.
    pub(crate) request: String,
    pub(crate) at: Instant,
    pub(crate) took: Duration,
    /// `None` when the connection was refused or broke.
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<u64>,
}

impl Try {
    /// Whether a client would repeat it.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.status.is_none_or(|status| matches!(status, 502..=504))
    }
}

pub(crate) struct Worker {
    caller: Caller,
    /// How long it repeats what is not answered.
    patience: Duration,
    name: String,
    users: Vec<String>,
    /// By whom, and what.
    posts: Vec<(String, String)>,
    /// A link of every session whose logout was acknowledged.
    logged_out: Vec<String>,
    /// A session that lives from the beginning to the end.
    lasting: Option<Login>,
    pub(crate) refreshes: usize,
    pub(crate) tries: Vec<Try>,
}

impl Worker {
    pub(crate) fn new(number: usize, deployment: &Deployment) -> Self {
        Self {
            caller: deployment.caller(),
            patience: deployment.refresh_grace.checked_sub(TO_SPARE).unwrap(),
            name: format!("worker-{number}"),
            users: Vec::new(),
            posts: Vec::new(),
            logged_out: Vec::new(),
            lasting: None,
            refreshes: 0,
            tries: Vec::new(),
        }
    }

    /// Signups, posts and logouts.
    pub(crate) fn acknowledged(&self) -> [usize; 3] {
        [self.users.len(), self.posts.len(), self.logged_out.len()]
    }

    pub(crate) fn work_until(mut self, done: &AtomicBool) -> Self {
        while !done.load(Ordering::Relaxed) {
            self.live_a_while();
        }
        self
    }

    /// A user, a few sessions of his, and what he does in them.
    fn live_a_while(&mut self) {
        let user = self.sign_up();
        for _ in 0..ROUNDS_PER_USER {
            let mut session = self.log_in(&user);
            for _ in 0..REFRESHES_PER_SESSION {
                session = self.refresh(&session);
                self.post(&user, &session);
                let token = session.access_token.as_str();
                self.persist(&Method::GET, "/api/timeline", Some(token), &Value::Null).expect(200);
                self.persist(&Method::GET, "/api/protected", Some(token), &Value::Null).expect(200);
            }
            self.follow_the_first(&session);
            let lasting = self.lasting.take().unwrap_or_else(|| session.clone());
            self.lasting = Some(self.refresh(&lasting));
            if self.lasting.as_ref().is_some_and(|lasting| lasting.link != session.link) {
                self.log_out(&session);
            }
        }
    }

    /// Nothing that was acknowledged is lost.
    pub(crate) fn check_everything(&mut self) {
        for user in self.users.clone() {
            let token = self.log_in(&user).access_token;
            let path = "/api/timeline?limit=100";
            let timeline = self.persist(&Method::GET, path, Some(&token), &Value::Null).expect(200);
            let timeline = timeline["items"].as_array().unwrap();
            for (_, content) in self.posts.iter().filter(|(author, _)| *author == user) {
                assert!(timeline.iter().any(|post| post["content"] == **content), "{content} is gone");
            }
        }
        for link in self.logged_out.clone() {
            let body = json!({"refresh_token": link});
            self.persist(&Method::POST, "/auth/refresh", None, &body).expect(401);
        }
        if let Some(lasting) = self.lasting.take() {
            self.refresh(&lasting);
        }
    }

    fn sign_up(&mut self) -> String {
        let name = format!("{}-{}", self.name, self.users.len());
        let body = json!({"username": name, "password": PASSWORD});
        let before = self.tries.len();
        let reply = self.persist(&Method::POST, "/auth/signup", None, &body);
        let repeated = self.tries.len() - before > 1;
        assert!(reply.status == 201 || repeated && reply.status == 409, "{}", reply.body);
        self.users.push(name.clone());
        name
    }

    fn log_in(&mut self, name: &str) -> Login {
        let body = json!({"username": name, "password": PASSWORD});
        Login::from(&self.persist(&Method::POST, "/auth/login", None, &body).expect(200))
    }

    /// The link is good, however often the refresh had to be repeated.
    fn refresh(&mut self, session: &Login) -> Login {
        let body = json!({"refresh_token": session.link});
        let reply = self.persist(&Method::POST, "/auth/refresh", None, &body);
        self.refreshes += 1;
        Login::from(&reply.expect(200))
    }

    fn post(&mut self, user: &str, session: &Login) {
        let content = format!("number {} of {}", self.posts.len(), self.name);
        let body = json!({"content": content});
        self.persist(&Method::POST, "/api/posts", Some(&session.access_token), &body).expect(201);
        self.posts.push((user.to_owned(), content));
    }

    /// Whom everybody follows but himself.
    fn follow_the_first(&mut self, session: &Login) {
        if self.users.len() > 1 {
            let path = format!("/api/users/{}/follow", self.users[0]);
            let token = Some(session.access_token.as_str());
            self.persist(&Method::PUT, &path, token, &Value::Null).expect(204);
        }
    }

    fn log_out(&mut self, session: &Login) {
        let body = json!({"refresh_token": session.link});
        self.persist(&Method::POST, "/auth/logout", None, &body).expect(204);
        self.logged_out.push(session.link.clone());
    }

    /// Repeats the request until it is answered.
    fn persist(&mut self, method: &Method, path: &str, token: Option<&str>, body: &Value) -> Reply {
        let first = self.tries.len();
        loop {
            let at = Instant::now();
            let sent = self.caller.try_send(method.clone(), path, token, body);
            let (status, retry_after) =
                sent.as_ref().map_or((None, None), |r| (Some(r.status), r.retry_after()));
            let tried =
                Try { request: format!("{method} {path}"), at, took: at.elapsed(), status, retry_after };
            let unanswered = tried.is_unanswered();
            self.tries.push(tried);
            if let (Ok(reply), false) = (sent, unanswered) {
                return reply;
            }
            assert!(self.tries[first].at.elapsed() < self.patience, "not answered: {:?}", self.tries.last());
            thread::sleep(BETWEEN_TRIES);
        }
    }
}
