//! A cache between resource-api and the auth-servers, as a CDN would be: it obeys RFC 9111 and knows nothing else.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode,
    web::{self, Bytes, Data},
};
use reqwest::header::{AGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, IF_NONE_MATCH};

/// Where it listens, and how it fares.
pub(crate) struct CachingProxy {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    upstreams: Vec<String>,
    next: AtomicUsize,
    http: reqwest::Client,
    stored: Mutex<HashMap<String, Stored>>,
    hits: AtomicUsize,
    revalidations: AtomicUsize,
    fetches: AtomicUsize,
    delay_ms: AtomicU64,
}

#[derive(Clone)]
struct Stored {
    body: Bytes,
    content_type: String,
    cache_control: String,
    etag: String,
    max_age: Duration,
    asked_at: Instant,
}

impl CachingProxy {
    /// Asks the upstreams in turn.
    pub(crate) fn start(upstreams: Vec<String>) -> Self {
        let state = Arc::new(State {
            upstreams,
            next: AtomicUsize::new(0),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            stored: Mutex::default(),
            hits: AtomicUsize::new(0),
            revalidations: AtomicUsize::new(0),
            fetches: AtomicUsize::new(0),
            delay_ms: AtomicU64::new(0),
        });
        let data = Data::from(Arc::clone(&state));
        let server =
            HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::get().to(answer)));
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_rt::spawn(server.run());
        Self { url, state }
    }

    /// Lets every answer wait from now on.
    pub(crate) fn slow_down(&self, delay: Duration) {
        self.state.delay_ms.store(delay.as_millis().try_into().unwrap(), Ordering::SeqCst);
    }

    /// How many answers came from the cache alone, were found good by asking, and were new.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let State { hits, revalidations, fetches, .. } = &*self.state;
        (hits.load(Ordering::SeqCst), revalidations.load(Ordering::SeqCst), fetches.load(Ordering::SeqCst))
    }
}

async fn answer(request: HttpRequest, state: Data<State>) -> HttpResponse {
    actix_rt::time::sleep(Duration::from_millis(state.delay_ms.load(Ordering::SeqCst))).await;
    let path = request.uri().to_string();
    let stored = state.stored.lock().unwrap().get(&path).cloned();
    if let Some(stored) = stored.as_ref().filter(|stored| stored.asked_at.elapsed() < stored.max_age) {
        state.hits.fetch_add(1, Ordering::SeqCst);
        return stored.answer();
    }
    match state.ask_upstream(&path, stored).await {
        Ok(stored) => {
            let answer = stored.answer();
            state.stored.lock().unwrap().insert(path, stored);
            answer
        }
        Err(status) => HttpResponse::new(status),
    }
}

impl State {
    /// A new copy, or the old one for another while (RFC 9111 §4.3.4). What is not 200 is passed on and not kept.
    async fn ask_upstream(&self, path: &str, old: Option<Stored>) -> Result<Stored, StatusCode> {
        let upstream = &self.upstreams[self.next.fetch_add(1, Ordering::SeqCst) % self.upstreams.len()];
        let mut request = self.http.get(format!("{upstream}{path}"));
        if let Some(old) = &old {
            request = request.header(IF_NONE_MATCH, &old.etag);
        }
        // The age of an answer counts from when it was asked for (RFC 9111 §4.2.3).
        let asked_at = Instant::now();
        let response = request.send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
        let cache_control = header(response.headers(), CACHE_CONTROL.as_str());
        match (response.status().as_u16(), old) {
            (304, Some(old)) => {
                self.revalidations.fetch_add(1, Ordering::SeqCst);
                Ok(Stored { max_age: max_age(&cache_control), cache_control, asked_at, ..old })
            }
            (200, _) => {
                self.fetches.fetch_add(1, Ordering::SeqCst);
                let content_type = header(response.headers(), CONTENT_TYPE.as_str());
                let etag = header(response.headers(), ETAG.as_str());
                let body = response.bytes().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
                let max_age = max_age(&cache_control);
                Ok(Stored { body, content_type, cache_control, etag, max_age, asked_at })
            }
            (status, _) => Err(StatusCode::from_u16(status).unwrap()),
        }
    }
}

impl Stored {
    fn answer(&self) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE.as_str(), self.content_type.as_str()))
            .insert_header((CACHE_CONTROL.as_str(), self.cache_control.as_str()))
            .insert_header((ETAG.as_str(), self.etag.as_str()))
            .insert_header((AGE.as_str(), self.asked_at.elapsed().as_secs().to_string()))
            .body(self.body.clone())
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).unwrap_or_else(|| panic!("the answer has no {name}")).to_str().unwrap().to_owned()
}

/// auth-server's public documents say `public, max-age=N`.
fn max_age(cache_control: &str) -> Duration {
    let (_, seconds) = cache_control.split_once("max-age=").unwrap();
    Duration::from_secs(seconds.parse().unwrap())
}
