//! A tour of every endpoint of both servers, of what they do in the background, and of what the command line does: so
//! that each of their statements is executed at least once.

mod accounts;
mod admin;
mod beside;
mod clients;
mod completeness;
mod posts;

use std::collections::BTreeSet;

use anyhow::ensure;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

pub(crate) use completeness::{functions_not_seen, routes_not_seen};

use crate::{
    seed::{Cast, Databases},
    statements::{Purpose, Seen, recorder},
    system::{Reply, System},
};

/// One walk through everything.
pub(crate) struct Tour<'a> {
    system: &'a System,
    cast: &'a Cast,
    /// The endpoints that were asked: `auth-server GET /admin/users/{id}`.
    routes: BTreeSet<String>,
}

/// What was seen on it.
pub(crate) struct Seeing {
    pub(crate) statements: Vec<Seen>,
    /// Statements that were executed and could not be read.
    pub(crate) unread: Vec<String>,
    pub(crate) routes: BTreeSet<String>,
}

impl<'a> Tour<'a> {
    /// Goes everywhere in the system on the large databases. `small` are others, for what is done to all rows at once.
    pub(crate) async fn walk(
        system: &'a System,
        (large, small): (&Databases, &Databases),
        cast: &'a Cast,
    ) -> anyhow::Result<Seeing> {
        let mut tour = Tour { system, cast, routes: BTreeSet::new() };
        recorder::take();
        tour.public().await?;
        tour.accounts().await?;
        tour.services().await?;
        tour.administration().await?;
        tour.posts().await?;
        tour.beside(large, small)?;
        Ok(Seeing { statements: recorder::take(), unread: recorder::take_unread(), routes: tour.routes })
    }

    /// What everybody may ask.
    async fn public(&mut self) -> anyhow::Result<()> {
        for path in [
            "/",
            "/health/live",
            "/health/ready",
            "/.well-known/jwks.json",
            "/.well-known/oauth-authorization-server",
        ] {
            self.get(path, path, "", None).await?;
        }
        for path in ["/", "/health/live", "/health/ready", "/.well-known/oauth-protected-resource"] {
            let request = self.system.request_to(&self.system.api, Method::GET, path);
            self.ask(&format!("GET {path}"), "resource-api", request, 200).await?;
        }
        Ok(())
    }

    /// Asks one endpoint, and insists on the status of its answer. `note` says what is special about this time.
    async fn ask(
        &mut self,
        route: &str,
        note: &str,
        request: RequestBuilder,
        status: u16,
    ) -> anyhow::Result<Reply> {
        let name = if note.is_empty() { route.to_owned() } else { format!("{route} ({note})") };
        self.routes.insert(format!("{} {route}", self.system.server_of(&request)?));
        recorder::begin(Purpose::Request, &name);
        let reply = Reply::of(request).await;
        recorder::end();
        let reply = reply?;
        ensure!(reply.status == status, "{name}: {status} was expected, not {reply:?}");
        Ok(reply)
    }

    /// What is there.
    async fn get(
        &mut self,
        route: &str,
        path: &str,
        note: &str,
        token: Option<&str>,
    ) -> anyhow::Result<Reply> {
        let step = Step { method: Method::GET, route, path, note };
        self.send(step, token, Value::Null, 200).await
    }

    /// With a JSON body, by whoever has this token.
    async fn send(
        &mut self,
        step: Step<'_>,
        token: Option<&str>,
        body: Value,
        status: u16,
    ) -> anyhow::Result<Reply> {
        let Step { method, route, path, note } = step;
        let route = format!("{method} {route}");
        let mut request = self.system.request(method, path);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        self.ask(&route, note, request, status).await
    }
}

/// What is asked.
struct Step<'a> {
    method: Method,
    /// As the route table has it.
    route: &'a str,
    path: &'a str,
    note: &'a str,
}

impl<'a> Step<'a> {
    fn post(route: &'a str) -> Self {
        Self::of(Method::POST, route)
    }

    /// Where the path is the route itself.
    fn of(method: Method, route: &'a str) -> Self {
        Self { method, route, path: route, note: "" }
    }

    fn at(self, path: &'a str) -> Self {
        Self { path, ..self }
    }

    fn note(self, note: &'a str) -> Self {
        Self { note, ..self }
    }
}
