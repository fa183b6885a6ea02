use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    dev::ServerHandle,
    http::{StatusCode, header::CACHE_CONTROL},
    web::{Bytes, Data, get},
};
use serde_json::Value;
use shared_claims::{STATUS_LIST_MEDIA_TYPE, Verifier, testing::TestIssuer};

use super::{AUDIENCE, serve};

/// How the server answers a fetch.
#[derive(Clone)]
pub(crate) enum Answer {
    /// With a key set that is fresh for some seconds.
    Keys { jwks: Value, max_age: u64 },
    /// With a key set, but not at once.
    Slowly { jwks: Value, delay: Duration },
    /// With any body and 200.
    Body(String),
    /// With a body that has no end, and no length announced.
    Endless,
    /// With a status and nothing else.
    Status(u16),
    /// With a redirect to where good keys are.
    Redirect(String),
    /// With a status list's JWT and these headers.
    List { jwt: String, headers: Vec<(&'static str, String)> },
    /// With a status list's JWT, but not at once.
    SlowList { jwt: String, delay: Duration },
    /// Never.
    Hang,
}

/// A real HTTP server on a free port that publishes a key set and counts how often it is asked for.
pub(crate) struct KeyServer {
    pub(crate) url: String,
    state: Arc<State>,
    server: ServerHandle,
}

struct State {
    answer: Mutex<Answer>,
    fetches: AtomicUsize,
}

impl KeyServer {
    pub(crate) fn start(answer: Answer) -> Self {
        let state = Arc::new(State { answer: Mutex::new(answer), fetches: AtomicUsize::new(0) });
        let data = Data::from(Arc::clone(&state));
        let (url, server) = serve(move |app| {
            app.app_data(data.clone()).route("/.well-known/jwks.json", get().to(publish));
        });
        Self { url, state, server }
    }

    /// A server that publishes the issuer's keys for an hour.
    pub(crate) fn publishing(issuer: &TestIssuer) -> Self {
        Self::start(Answer::Keys { jwks: issuer.jwks(), max_age: 3600 })
    }

    pub(crate) fn answer_with(&self, answer: Answer) {
        *self.state.answer.lock().unwrap() = answer;
    }

    pub(crate) fn publish(&self, issuer: &TestIssuer) {
        self.answer_with(Answer::Keys { jwks: issuer.jwks(), max_age: 3600 });
    }

    /// How many fetches have come so far.
    pub(crate) fn fetches(&self) -> usize {
        self.state.fetches.load(Ordering::SeqCst)
    }

    /// A verifier that trusts the issuer and has its keys from here.
    pub(crate) fn verifier(&self, issuer: &TestIssuer) -> Verifier {
        Verifier::builder(issuer.url(), AUDIENCE).internal_url(&self.url).build().unwrap()
    }

    /// Closes the port: connections are refused from now on.
    pub(crate) async fn stop(&self) {
        self.server.stop(false).await;
    }
}

async fn publish(state: Data<State>) -> HttpResponse {
    state.fetches.fetch_add(1, Ordering::SeqCst);
    let answer = state.answer.lock().unwrap().clone();
    respond(answer).await
}

pub(super) async fn respond(answer: Answer) -> HttpResponse {
    match answer {
        Answer::Keys { jwks, max_age } => {
            HttpResponse::Ok().insert_header((CACHE_CONTROL, format!("public, max-age={max_age}"))).json(jwks)
        }
        Answer::Slowly { jwks, delay } => {
            actix_web::rt::time::sleep(delay).await;
            HttpResponse::Ok().insert_header((CACHE_CONTROL, "max-age=3600")).json(jwks)
        }
        Answer::Body(body) => HttpResponse::Ok().content_type("application/json").body(body),
        Answer::Endless => HttpResponse::Ok().body(EndlessBody),
        Answer::Status(status) => HttpResponse::new(StatusCode::from_u16(status).unwrap()),
        Answer::Redirect(to) => HttpResponse::Found().insert_header(("location", to)).finish(),
        Answer::List { jwt, headers } => {
            let mut response = HttpResponse::Ok();
            response.content_type(STATUS_LIST_MEDIA_TYPE);
            for header in headers {
                response.insert_header(header);
            }
            response.body(jwt)
        }
        Answer::SlowList { jwt, delay } => {
            actix_web::rt::time::sleep(delay).await;
            HttpResponse::Ok().content_type(STATUS_LIST_MEDIA_TYPE).body(jwt)
        }
        Answer::Hang => pending().await,
    }
}

struct EndlessBody;

impl MessageBody for EndlessBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        std::task::Poll::Ready(Some(Ok(Bytes::from_static(&[b' '; 4096]))))
    }
}
