//! Callers who ask for one thing again and again, and note how each request ends.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Deployment, Login, PASSWORD, Reply, Try};

const PAUSE: Duration = Duration::from_millis(50);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Probe {
    Login,
    Refresh,
    User,
    StatusList,
    Post,
    Timeline,
    AuthReady,
    ApiReady,
    Keys,
    Protected,
    AuthLive,
    ApiLive,
}

use Probe::{
    ApiLive, ApiReady, AuthLive, AuthReady, Keys, Login as LogIn, Post, Protected, Refresh, StatusList,
    Timeline, User,
};

pub(crate) const PROBES: [Probe; 12] = [
    LogIn, Refresh, User, StatusList, Post, Timeline, AuthReady, ApiReady, Keys, Protected, AuthLive, ApiLive,
];

impl Probe {
    /// Whether it can be answered without the database.
    pub(crate) fn is_independent(self) -> bool {
        matches!(self, Keys | Protected | AuthLive | ApiLive)
    }

    pub(crate) fn is_readiness(self) -> bool {
        matches!(self, AuthReady | ApiReady)
    }
}

pub(crate) struct Prober {
    pub(crate) probe: Probe,
    caller: Caller,
    name: String,
    session: Login,
    status_list: String,
    pub(crate) tries: Vec<Try>,
}

impl Prober {
    /// A user of his own, logged in. Health is asked of the instances, the rest of the balancer.
    pub(crate) fn new(probe: Probe, deployment: &Deployment) -> Self {
        let caller = deployment.caller();
        let name = format!("prober-{probe:?}");
        caller.sign_up(&name);
        let session = caller.log_in(&name);
        let lists = caller.get("/oauth/status-lists", &session.access_token).expect(200);
        let list = lists["status_lists"][0].as_str().unwrap();
        let status_list = list[list.find("/oauth/").unwrap()..].to_owned();
        let caller = match probe {
            AuthReady | AuthLive => Caller::new(deployment.auth[0].url(), String::new()),
            ApiReady | ApiLive => Caller::new(deployment.api[0].url(), String::new()),
            _ => caller,
        };
        Self { probe, caller, name, session, status_list, tries: Vec::new() }
    }

    pub(crate) fn probe_until(mut self, done: &AtomicBool) -> Self {
        while !done.load(Ordering::Relaxed) {
            let at = Instant::now();
            let sent = self.ask();
            let took = at.elapsed();
            let reply = sent.as_ref().ok();
            if let (Refresh, Some(Reply { status: 200, body, .. })) = (self.probe, reply) {
                self.session = Login::from(body);
            }
            if let (true, Some(reply @ Reply { status: 503, .. })) = (self.probe.is_readiness(), reply) {
                let detail = reply.body["detail"].as_str().unwrap();
                assert!(detail.contains("database"), "{detail}");
            }
            let (status, retry_after) = reply.map_or((None, None), |r| (Some(r.status), r.retry_after()));
            self.tries.push(Try { request: format!("{:?}", self.probe), at, took, status, retry_after });
            thread::sleep(PAUSE);
        }
        self
    }

    fn ask(&self) -> reqwest::Result<Reply> {
        let token = Some(self.session.access_token.as_str());
        let get = |path, token| self.caller.try_send(Method::GET, path, token, &Value::Null);
        let post = |path, token, body: Value| self.caller.try_send(Method::POST, path, token, &body);
        match self.probe {
            LogIn => post("/auth/login", None, json!({"username": self.name, "password": PASSWORD})),
            Refresh => post("/auth/refresh", None, json!({"refresh_token": self.session.link})),
            User => get("/auth/user", token),
            StatusList => get(&self.status_list, None),
            Post => post("/api/posts", token, json!({"content": "still here"})),
            Timeline => get("/api/timeline", token),
            AuthReady | ApiReady => get("/health/ready", None),
            Keys => get("/.well-known/jwks.json", None),
            Protected => get("/api/protected", token),
            AuthLive | ApiLive => get("/health/live", None),
        }
    }
}
