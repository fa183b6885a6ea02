//! Both servers on real ports, and what is done to them.

use std::{
    cell::RefCell,
    net::{SocketAddr, TcpListener},
    path::Path,
    time::{Duration, Instant},
};

use actix_web::{dev::ServerHandle, web::Data};
use auth_server::{
    audit::Recorder,
    clients::{ClientChange, ClientName, ClientScopes, NewClient, Occasion, Secret, changes},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use shared_claims::Clock;
use shared_service::{Ids, database::DbConnection};
use test_servers::Database;

use crate::proxy::CachingProxy;

pub(crate) const PASSWORD: &str = "correct horse battery";

/// What a system is to be like.
pub(crate) struct Setup {
    pub(crate) auth_clock: Clock,
    pub(crate) api_clock: Clock,
    /// How many auth-servers share the database and the key folder.
    pub(crate) auth_servers: usize,
    /// Whether resource-api reaches them through a caching proxy.
    pub(crate) has_proxy: bool,
    pub(crate) auth_settings: Vec<(&'static str, &'static str)>,
    pub(crate) api_settings: Vec<(&'static str, &'static str)>,
}

impl Default for Setup {
    /// One of each, by the machine's clock.
    fn default() -> Self {
        Self {
            auth_clock: Clock::system(),
            api_clock: Clock::system(),
            auth_servers: 1,
            has_proxy: false,
            auth_settings: Vec::new(),
            api_settings: Vec::new(),
        }
    }
}

impl Setup {
    /// Each server with a clock of its own that stands still.
    pub(crate) fn with_fixed_clocks() -> Self {
        let now = Clock::system().now_ms();
        Self { auth_clock: Clock::fixed_at(now), api_clock: Clock::fixed_at(now), ..Self::default() }
    }
}

/// Both servers and an HTTP client.
pub(crate) struct System {
    pub(crate) setup: Setup,
    pub(crate) auth: Vec<AuthServer>,
    pub(crate) api: String,
    pub(crate) proxy: Option<CachingProxy>,
    issuer: String,
    http: reqwest::Client,
    place: Place,
    /// Of each resource-api.
    databases: RefCell<Vec<Database>>,
}

/// What auth-servers share.
struct Place {
    folder: tempfile::TempDir,
    database: Database,
}

pub(crate) struct AuthServer {
    pub(crate) url: String,
    pub(crate) state: Data<auth_server::app::AppState>,
    address: SocketAddr,
    handle: ServerHandle,
}

impl System {
    pub(crate) async fn start(setup: Setup) -> Self {
        let place = Place { folder: tempfile::tempdir().unwrap(), database: Database::empty() };
        let listeners: Vec<_> = (0..setup.auth_servers).map(|_| listen(None)).collect();
        let issuer = url_of(&listeners[0]);
        let auth: Vec<_> =
            listeners.into_iter().map(|listener| start_auth(&setup, &issuer, &place, listener)).collect();
        let proxy = setup
            .has_proxy
            .then(|| CachingProxy::start(auth.iter().map(|server| server.url.clone()).collect()));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let databases = RefCell::default();
        let mut system = Self { setup, auth, api: String::new(), proxy, issuer, http, place, databases };
        system.api = system.start_api();
        system
    }

    /// With accounts of these names.
    pub(crate) async fn with_users(setup: Setup, names: &[&str]) -> Self {
        let system = Self::start(setup).await;
        for name in names {
            system.post("/auth/signup", json!({ "username": name, "password": PASSWORD })).await;
        }
        system
    }

    pub(crate) async fn with_alice(setup: Setup) -> Self {
        Self::with_users(setup, &["alice"]).await
    }

    /// Starts one more resource-api, which has not spoken with auth-server yet; its address.
    pub(crate) fn start_api(&self) -> String {
        self.start_api_with(&[])
    }

    /// The same with some settings of its own.
    pub(crate) fn start_api_with(&self, more: &[(&'static str, &str)]) -> String {
        let database = Database::empty();
        let mut settings = vec![
            ("API__AUTH__ISSUER", self.issuer.clone()),
            ("API__DATABASE__URL", database.url().to_owned()),
        ];
        self.databases.borrow_mut().push(database);
        if let Some(proxy) = &self.proxy {
            settings.push(("API__AUTH__INTERNAL_URL", proxy.url.clone()));
        }
        let more = self.setup.api_settings.iter().chain(more);
        settings.extend(more.map(|(name, value)| (*name, (*value).to_owned())));
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
        let config = resource_api::config::Config::load(None, settings).unwrap();
        let state = resource_api::app::AppState::open(config, self.setup.api_clock.clone()).unwrap();
        let listener = listen(None);
        let url = url_of(&listener);
        actix_rt::spawn(resource_api::app::serve(Data::new(state), listener).unwrap());
        url
    }

    /// The issuer's address, and a place for a test's files.
    pub(crate) fn issuer_and_folder(&self) -> (&str, &Path) {
        (&self.issuer, self.place.folder.path())
    }

    /// Registers a service with these scopes; its id and its secret.
    pub(crate) fn register_client(&self, name: &str, scopes: &str) -> (String, String) {
        let state = &self.auth[0].state;
        let secret = Secret::random().unwrap();
        let new = NewClient {
            id: None,
            name: ClientName::parse(name).unwrap(),
            scopes: ClientScopes::parse(scopes).unwrap(),
        };
        let add = |c: &mut DbConnection| Ok(changes::add(c, new, &secret, &self.occasion())?);
        let client = state.store.blocking_transaction::<_, anyhow::Error, _>(add).unwrap();
        (client.id, secret.expose().to_owned())
    }

    /// Changes a registered service.
    pub(crate) fn change_client(&self, id: &str, change: &ClientChange) {
        let work = |c: &mut DbConnection| Ok(changes::change(c, id, change, &self.occasion())?);
        self.auth[0].state.store.blocking_transaction::<_, anyhow::Error, _>(work).unwrap();
    }

    fn occasion(&self) -> Occasion {
        let state = &self.auth[0].state;
        let now_ms = state.clock.now_ms();
        let (revocation, recorder) = (state.revocation(), Recorder::command_line(now_ms));
        Occasion { ids: Ids::new(), now_ms, revocation, recorder }
    }

    /// Stops every auth-server: connections are refused from then on.
    pub(crate) async fn stop_auth(&self) {
        for server in &self.auth {
            server.handle.stop(true).await;
        }
    }

    /// Starts them again, on the same addresses, database and keys.
    pub(crate) fn restart_auth(&mut self) {
        for server in &mut self.auth {
            let listener = listen(Some(server.address));
            *server = start_auth(&self.setup, &self.issuer, &self.place, listener);
        }
    }

    /// A request to the first auth-server.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Value,
    ) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.auth[0].url));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let sent = request.send().await.unwrap();
        assert!(sent.status().is_success(), "{path}: {}", sent.status());
        sent
    }

    /// Ends the session at one of the auth-servers.
    pub(crate) async fn logout(&self, server: usize, session: &Login) {
        let body = json!({ "refresh_token": session.refresh_token });
        let request = self.http.post(format!("{}/auth/logout", self.auth[server].url)).json(&body);
        assert_eq!(request.send().await.unwrap().status(), 204);
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.send(Method::POST, path, None, body).await.json().await.unwrap()
    }

    pub(crate) async fn login(&self, name: &str) -> Login {
        self.login_for(name, None).await
    }

    /// With a token for one audience alone.
    pub(crate) async fn login_for(&self, name: &str, audience: Option<&str>) -> Login {
        let mut body = json!({ "username": name, "password": PASSWORD });
        if let Some(audience) = audience {
            body["audience"] = json!(audience);
        }
        Login::from(&self.post("/auth/login", body).await)
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Login {
        Login::from(&self.post("/auth/refresh", json!({ "refresh_token": refresh_token })).await)
    }

    /// The status of resource-api's protected page for this token.
    pub(crate) async fn protected(&self, token: &str) -> u16 {
        self.ask(&self.api, token).await.status().as_u16()
    }

    /// The same from another resource-api.
    pub(crate) async fn ask(&self, api: &str, token: &str) -> Response {
        self.http.get(format!("{api}/api/protected")).bearer_auth(token).send().await.unwrap()
    }

    /// Asks until the token is refused; how long that took. `good` must be accepted all along.
    pub(crate) async fn time_until_refused(&self, token: &str, good: &[&str]) -> Duration {
        self.time_until_refused_by(&self.api, token, good).await
    }

    /// The same at another resource-api.
    pub(crate) async fn time_until_refused_by(&self, api: &str, token: &str, good: &[&str]) -> Duration {
        let begin = Instant::now();
        let protected = async |token: &str| self.ask(api, token).await.status().as_u16();
        loop {
            match protected(token).await {
                401 => break,
                status => assert_eq!(status, 200, "neither accepted nor refused"),
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "still accepted after 20 s");
            for good in good {
                assert_eq!(protected(good).await, 200, "a token that nobody has revoked");
            }
            actix_rt::time::sleep(Duration::from_millis(20)).await;
        }
        let took = begin.elapsed();
        for good in good {
            assert_eq!(protected(good).await, 200, "a token that nobody has revoked");
        }
        took
    }
}

/// What a login or a refresh gives.
pub(crate) struct Login {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl From<&Value> for Login {
    fn from(reply: &Value) -> Self {
        let text = |member: &str| reply[member].as_str().unwrap().to_owned();
        Self { access_token: text("access_token"), refresh_token: text("refresh_token") }
    }
}

fn start_auth(setup: &Setup, issuer: &str, place: &Place, listener: TcpListener) -> AuthServer {
    let mut settings = vec![
        ("AUTH__ISSUER", issuer.to_owned()),
        ("AUTH__DATABASE__URL", place.database.url().to_owned()),
        ("AUTH__KEYS__DIR", place.folder.path().join("keys").display().to_string()),
        ("AUTH__KEYS__PUBLISH_AHEAD", "4s".to_owned()),
        ("AUTH__TOKENS__AUDIENCE", "resource-api,billing".to_owned()),
        ("AUTH__PASSWORDS__BCRYPT_COST", "10".to_owned()),
    ];
    settings.extend(setup.auth_settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
    let config = auth_server::config::Config::load(None, settings).unwrap();
    let state = Data::new(auth_server::app::AppState::open(config, setup.auth_clock.clone()).unwrap());
    let (url, address) = (url_of(&listener), listener.local_addr().unwrap());
    let server = auth_server::app::serve(state.clone(), listener).unwrap();
    let handle = server.handle();
    actix_rt::spawn(server);
    AuthServer { url, state, address, handle }
}

fn listen(address: Option<SocketAddr>) -> TcpListener {
    let address = address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = TcpListener::bind(address).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

fn url_of(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}
