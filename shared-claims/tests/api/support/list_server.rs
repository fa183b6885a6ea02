use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Instant,
};

use actix_web::{
    HttpResponse,
    dev::ServerHandle,
    web::{Data, Path, get},
};
use serde_json::Value;
use shared_claims::{Verifier, VerifierBuilder, testing::TestIssuer};

use super::{AUDIENCE, Answer, key_server::respond, serve};

/// A real HTTP server on a free port that publishes an issuer's keys and status lists, and notes when a list is fetched.
pub(crate) struct ListServer {
    pub(crate) url: String,
    state: Arc<State>,
    server: ServerHandle,
}

struct State {
    jwks: Mutex<Value>,
    key_fetches: Mutex<usize>,
    answers: Mutex<HashMap<u64, Answer>>,
    fetched_at: Mutex<Vec<(u64, Instant)>>,
}

impl ListServer {
    /// Publishes the issuer's keys, and no list.
    pub(crate) fn start(issuer: &TestIssuer) -> Self {
        let state = Arc::new(State {
            jwks: Mutex::new(issuer.jwks()),
            key_fetches: Mutex::default(),
            answers: Mutex::default(),
            fetched_at: Mutex::default(),
        });
        let data = Data::from(Arc::clone(&state));
        let (url, server) = serve(move |app| {
            app.app_data(data.clone())
                .route("/.well-known/jwks.json", get().to(publish_keys))
                .route("/oauth/status-lists/{number}", get().to(publish_list));
        });
        Self { url, state, server }
    }

    /// Publishes the issuer's keys and its list 0, in which these entries are revoked.
    pub(crate) fn publishing(issuer: &TestIssuer, revoked: &[usize]) -> Self {
        let server = Self::start(issuer);
        server.revoke(issuer, revoked);
        server
    }

    /// Publishes list 0 anew, with these entries revoked and no others.
    pub(crate) fn revoke(&self, issuer: &TestIssuer, revoked: &[usize]) {
        self.publish(0, issuer.status_list(0, revoked.iter().copied()));
    }

    pub(crate) fn publish(&self, number: u64, jwt: String) {
        self.answer_with(number, Answer::List { jwt, headers: Vec::new() });
    }

    pub(crate) fn publish_keys(&self, issuer: &TestIssuer) {
        *self.state.jwks.lock().unwrap() = issuer.jwks();
    }

    pub(crate) fn answer_with(&self, number: u64, answer: Answer) {
        self.state.answers.lock().unwrap().insert(number, answer);
    }

    /// When this list was asked for.
    pub(crate) fn fetched_at(&self, number: u64) -> Vec<Instant> {
        let fetched_at = self.state.fetched_at.lock().unwrap();
        fetched_at.iter().filter(|(fetched, _)| *fetched == number).map(|(_, at)| *at).collect()
    }

    /// How often list 0 was asked for.
    pub(crate) fn fetches(&self) -> usize {
        self.fetched_at(0).len()
    }

    /// How often any list was asked for.
    pub(crate) fn all_fetches(&self) -> usize {
        self.state.fetched_at.lock().unwrap().len()
    }

    pub(crate) fn key_fetches(&self) -> usize {
        *self.state.key_fetches.lock().unwrap()
    }

    /// A verifier that has the issuer's keys and lists from here.
    pub(crate) fn verifier(&self, issuer: &TestIssuer) -> Verifier {
        self.builder(issuer).build().unwrap()
    }

    pub(crate) fn builder(&self, issuer: &TestIssuer) -> VerifierBuilder {
        Verifier::builder(issuer.url(), AUDIENCE).internal_url(&self.url)
    }

    /// Waits until a fetch has come and gone that begins after now: whatever was due before has begun as well.
    pub(crate) async fn round_trip(&self, verifier: &Verifier, issuer: &TestIssuer) {
        let unused = 1_000 + u64::try_from(self.all_fetches()).unwrap();
        self.publish(unused, issuer.status_list(unused, []));
        verifier.verify(&issuer.user("alice").status(unused, 0).sign()).await.unwrap();
    }

    /// Closes the port: connections are refused from now on.
    pub(crate) async fn stop(&self) {
        self.server.stop(false).await;
    }
}

async fn publish_keys(state: Data<State>) -> HttpResponse {
    *state.key_fetches.lock().unwrap() += 1;
    let jwks = state.jwks.lock().unwrap().clone();
    respond(Answer::Keys { jwks, max_age: 3600 }).await
}

async fn publish_list(state: Data<State>, number: Path<u64>) -> HttpResponse {
    state.fetched_at.lock().unwrap().push((*number, Instant::now()));
    let answer = state.answers.lock().unwrap().get(&number).cloned();
    respond(answer.unwrap_or(Answer::Status(404))).await
}
