use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    dev::ServerHandle,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER},
    },
    web::{Data, post},
};
use serde_json::{Value, json};
use shared_claims::{Clock, TokenSource, TokenSourceBuilder};

use super::{Answer, key_server::respond, serve};

/// How the server answers who asks for a token.
#[derive(Clone)]
pub(crate) enum Reply {
    /// With a token of its own (`token-1`, `token-2`, …) that lives for so many seconds.
    Token(i64),
    /// The same, but not at once.
    SlowToken(Duration),
    /// With this status and body.
    Json(u16, Value),
    /// With this status and `Retry-After`.
    ComeBack(u16, &'static str),
    /// With a redirect that a client would repeat the whole request to.
    Redirect(String),
    /// As no token endpoint does.
    Other(Answer),
}

/// What somebody asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) authorization: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// A real HTTP server on a free port that gives out tokens and notes who asks.
pub(crate) struct TokenServer {
    pub(crate) url: String,
    state: Arc<State>,
    server: ServerHandle,
}

struct State {
    reply: Mutex<Reply>,
    asked: Mutex<Vec<Asked>>,
    tokens: AtomicUsize,
}

impl TokenServer {
    pub(crate) fn start(reply: Reply) -> Self {
        let state = Arc::new(State {
            reply: Mutex::new(reply),
            asked: Mutex::default(),
            tokens: AtomicUsize::new(0),
        });
        let data = Data::from(Arc::clone(&state));
        let (url, server) = serve(move |app| {
            app.app_data(data.clone()).route("/oauth/token", post().to(give));
        });
        Self { url, state, server }
    }

    pub(crate) fn answer_with(&self, reply: Reply) {
        *self.state.reply.lock().unwrap() = reply;
    }

    /// How often a token was asked for.
    pub(crate) fn requests(&self) -> usize {
        self.state.asked.lock().unwrap().len()
    }

    /// What was asked last.
    pub(crate) fn last_asked(&self) -> Asked {
        self.state.asked.lock().unwrap().last().unwrap().clone()
    }

    pub(crate) fn builder(&self) -> TokenSourceBuilder {
        TokenSource::builder(&self.url, "svc_notes", "s3cret")
    }

    /// A source, and the clock that it goes by besides that of the runtime.
    pub(crate) fn source(&self) -> (TokenSource, Clock) {
        let clock = Clock::fixed_at(1_800_000_000_000);
        (self.builder().clock(clock.clone()).build().unwrap(), clock)
    }

    /// Closes the port: connections are refused from now on.
    pub(crate) async fn stop(&self) {
        self.server.stop(false).await;
    }
}

async fn give(state: Data<State>, request: HttpRequest, body: String) -> HttpResponse {
    let header = |name| {
        request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    let asked = Asked { authorization: header(AUTHORIZATION), content_type: header(CONTENT_TYPE), body };
    state.asked.lock().unwrap().push(asked);
    let reply = state.reply.lock().unwrap().clone();
    match reply {
        Reply::Token(expires_in) => token(&state, expires_in),
        Reply::SlowToken(delay) => {
            actix_web::rt::time::sleep(delay).await;
            token(&state, 300)
        }
        Reply::Json(status, body) => HttpResponse::build(StatusCode::from_u16(status).unwrap()).json(body),
        Reply::ComeBack(status, retry_after) => HttpResponse::build(StatusCode::from_u16(status).unwrap())
            .insert_header((RETRY_AFTER, retry_after))
            .finish(),
        Reply::Redirect(to) => HttpResponse::TemporaryRedirect().insert_header((LOCATION, to)).finish(),
        Reply::Other(answer) => respond(answer).await,
    }
}

fn token(state: &State, expires_in: i64) -> HttpResponse {
    let number = state.tokens.fetch_add(1, Ordering::SeqCst) + 1;
    let access_token = format!("token-{number}");
    HttpResponse::Ok()
        .json(json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": expires_in }))
}
