//! Both servers in this process, on a pair of databases, by a clock that stands still at the time the rows were made for.

use std::{net::TcpListener, path::Path, time::Duration};

use actix_web::{rt, web::Data};
use anyhow::Context;
use auth_server::{
    audit::Recorder,
    clients::{ClientName, ClientScopes, NewClient, Occasion, Secret, changes},
};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use shared_claims::Clock;
use shared_service::{Ids, database::DbConnection};

use crate::seed::{Databases, PASSWORD, username};

/// The cheapest that the settings allow: what is measured is not bcrypt.
pub(crate) const BCRYPT_COST: u32 = 10;

/// Both servers and a client.
pub(crate) struct System {
    pub(crate) auth: String,
    pub(crate) api: String,
    pub(crate) clock: Clock,
    pub(crate) state: Data<auth_server::app::AppState>,
    http: Client,
}

/// What a login gives.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl System {
    /// Starts them. `folder` is made, and gets the keys. Rates are out of reach, since everybody here has one address.
    pub(crate) fn start(databases: &Databases, folder: &Path, now_ms: i64) -> anyhow::Result<Self> {
        let clock = Clock::fixed_at(now_ms);
        std::fs::create_dir_all(folder)?;
        let (listener, auth) = listen()?;
        let mut settings = vec![
            ("AUTH__ISSUER".to_owned(), auth.clone()),
            ("AUTH__DATABASE__URL".into(), databases.auth_url.clone()),
            ("AUTH__KEYS__DIR".into(), folder.join("keys").display().to_string()),
            ("AUTH__PASSWORDS__BCRYPT_COST".into(), BCRYPT_COST.to_string()),
            ("AUTH__STATUS_LIST__TTL".into(), "1h".into()),
        ];
        let rates = ["LOGIN", "SIGNUP", "REFRESH", "TOKEN", "INTROSPECT", "STATUS_LISTS"];
        settings.extend(rates.map(|rate| (format!("AUTH__LIMITS__{rate}"), "1000000/1s".to_owned())));
        let config = auth_server::config::Config::load(None, settings)?;
        let state = Data::new(auth_server::app::AppState::open(config, clock.clone())?);
        rt::spawn(auth_server::app::serve(state.clone(), listener)?);

        let (listener, api) = listen()?;
        let (id, secret) = register(&state)?;
        let settings = [
            ("API__AUTH__ISSUER", auth.clone()),
            ("API__DATABASE__URL", databases.api_url.clone()),
            ("API__SERVICE__CLIENT_ID", id),
            ("API__SERVICE__CLIENT_SECRET", secret),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        let config = resource_api::config::Config::load(None, settings)?;
        let api_state = resource_api::app::AppState::open(config, clock.clone())?;
        rt::spawn(resource_api::app::serve(Data::new(api_state), listener)?);
        let http = Client::builder().no_proxy().timeout(Duration::from_mins(5)).build()?;
        Ok(Self { auth, api, clock, state, http })
    }

    /// A request to auth-server, or to resource-api for what is below `/api`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.request_to(if path.starts_with("/api") { &self.api } else { &self.auth }, method, path)
    }

    /// A request to one of the two.
    pub(crate) fn request_to(&self, server: &str, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{server}{path}"))
    }

    /// Which of the two a request goes to, by the name of its crate.
    pub(crate) fn server_of(&self, request: &RequestBuilder) -> anyhow::Result<&'static str> {
        let request = request.try_clone().context("a request that can be sent once only")?.build()?;
        let is_of_api = request.url().as_str().starts_with(&format!("{}/", self.api));
        Ok(if is_of_api { "resource-api" } else { "auth-server" })
    }

    pub(crate) async fn log_in(&self, user: u64) -> anyhow::Result<Tokens> {
        let body = json!({ "username": username(user), "password": PASSWORD });
        let reply = Reply::of(self.request(Method::POST, "/auth/login").json(&body)).await?;
        reply.tokens().with_context(|| format!("{} logs in: {reply:?}", username(user)))
    }
}

impl Reply {
    pub(crate) async fn of(request: RequestBuilder) -> anyhow::Result<Self> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
        Ok(Self { status, body })
    }

    pub(crate) fn text(&self, member: &str) -> anyhow::Result<String> {
        let text = self.body[member].as_str().map(ToOwned::to_owned);
        text.with_context(|| format!("no {member} in {self:?}"))
    }

    pub(crate) fn tokens(&self) -> anyhow::Result<Tokens> {
        Ok(Tokens { access: self.text("access_token")?, refresh: self.text("refresh_token")? })
    }
}

fn listen() -> anyhow::Result<(TcpListener, String)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Makes resource-api a client of auth-server; its id and its secret.
fn register(state: &auth_server::app::AppState) -> anyhow::Result<(String, String)> {
    let (secret, now_ms) = (Secret::random()?, state.clock.now_ms());
    let name = format!("resource-api {}", Ids::new().next(now_ms).simple());
    let new = NewClient {
        id: None,
        name: ClientName::parse(&name).map_err(anyhow::Error::msg)?,
        scopes: ClientScopes::parse("users:read").map_err(anyhow::Error::msg)?,
    };
    let (revocation, recorder) = (state.revocation(), Recorder::command_line(now_ms));
    let occasion = Occasion { ids: Ids::new(), now_ms, revocation, recorder };
    let add = |c: &mut DbConnection| Ok(changes::add(c, new, &secret, &occasion)?);
    let client = state.store.blocking_transaction::<_, anyhow::Error, _>(add)?;
    Ok((client.id, secret.expose().to_owned()))
}
