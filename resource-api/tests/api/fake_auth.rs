//! An auth-server that says what a test wants: tokens for a service, and who has which name.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{
        StatusCode,
        header::{AUTHORIZATION, LOCATION},
    },
    web::{self, Data},
};
use serde_json::{Value, json};
use shared_claims::Clock;

use crate::support::TestApp;

/// How it answers who asks for a user, when not as it should.
#[derive(Clone)]
pub(crate) enum Fault {
    Status(u16),
    Body(String),
    Hang,
    /// With a redirect to there.
    Redirect(String),
    /// As it should, but not at once.
    SlowlyAfter(Duration),
    /// 401 for this many more requests.
    Unauthorized(usize),
}

#[derive(Default)]
struct State {
    /// By name in lower case: id and name.
    users: Mutex<HashMap<String, (String, String)>>,
    fault: Mutex<Option<Fault>>,
    token_requests: Mutex<Vec<String>>,
    /// The `Authorization` and the query of each request for a user.
    lookups: Mutex<Vec<(String, String)>>,
}

/// A real HTTP server on a free port.
pub(crate) struct FakeAuth {
    pub(crate) url: String,
    state: Arc<State>,
}

impl FakeAuth {
    pub(crate) fn start() -> Self {
        let state = Arc::new(State::default());
        let data = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/oauth/token", web::post().to(give_token))
                .route("/users", web::get().to(find_users))
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_rt::spawn(server.run());
        Self { url, state }
    }

    /// A resource-api that is a client of it.
    pub(crate) async fn client(&self, clock: Clock) -> TestApp {
        let settings = [
            ("API__AUTH__INTERNAL_URL", self.url.as_str()),
            ("API__SERVICE__CLIENT_ID", "svc_api"),
            ("API__SERVICE__CLIENT_SECRET", "s3cret"),
            ("API__DATABASE__POOL_SIZE", "1"),
        ];
        TestApp::spawn_at(clock, &settings).await
    }

    /// Gives the name to a user, whoever had it before.
    pub(crate) fn sign_up(&self, username: &str, id: &str) {
        let user = (id.to_owned(), username.to_owned());
        self.state.users.lock().unwrap().insert(username.to_ascii_lowercase(), user);
    }

    /// Frees the name.
    pub(crate) fn delete(&self, username: &str) {
        self.state.users.lock().unwrap().remove(&username.to_ascii_lowercase());
    }

    pub(crate) fn fail_with(&self, fault: Option<Fault>) {
        *self.state.fault.lock().unwrap() = fault;
    }

    /// How often it was asked for a user.
    pub(crate) fn lookups(&self) -> usize {
        self.state.lookups.lock().unwrap().len()
    }

    /// Waits until it has been asked so often, for at most ten seconds.
    pub(crate) async fn wait_for_lookups(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.lookups() < count {
            assert!(Instant::now() < deadline, "it was not asked {count} times");
            actix_rt::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn last_lookup(&self) -> (String, String) {
        self.state.lookups.lock().unwrap().last().unwrap().clone()
    }

    /// The bodies of the requests for a token.
    pub(crate) fn token_requests(&self) -> Vec<String> {
        self.state.token_requests.lock().unwrap().clone()
    }
}

async fn give_token(state: Data<State>, body: String) -> web::Json<Value> {
    let mut requests = state.token_requests.lock().unwrap();
    requests.push(body);
    let token = format!("token-{}", requests.len());
    web::Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 300 }))
}

async fn find_users(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let authorization = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap());
    let authorization = authorization.unwrap_or_default().to_owned();
    state.lookups.lock().unwrap().push((authorization, request.query_string().to_owned()));
    let fault = state.fault.lock().unwrap().clone();
    match fault {
        None => {}
        Some(Fault::Status(status)) => return HttpResponse::new(StatusCode::from_u16(status).unwrap()),
        Some(Fault::Body(body)) => return HttpResponse::Ok().body(body),
        Some(Fault::Hang) => pending().await,
        Some(Fault::Redirect(to)) => {
            return HttpResponse::TemporaryRedirect().insert_header((LOCATION, to)).finish();
        }
        Some(Fault::SlowlyAfter(delay)) => actix_rt::time::sleep(delay).await,
        Some(Fault::Unauthorized(times)) => {
            let left = times.checked_sub(1).filter(|left| *left > 0).map(Fault::Unauthorized);
            *state.fault.lock().unwrap() = left;
            return HttpResponse::Unauthorized().finish();
        }
    }
    let name = request.query_string().strip_prefix("username=").unwrap().to_ascii_lowercase();
    let users = state.users.lock().unwrap();
    let found: Vec<_> =
        users.get(&name).iter().map(|(id, name)| json!({ "id": id, "username": name })).collect();
    HttpResponse::Ok().json(json!({ "users": found }))
}
