//! Services and what is said about tokens: `/oauth/…`, `GET /users`.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Reply, Step, Tour};
use crate::seed::{ADMINS, ORDINARY, username};

impl Tour<'_> {
    /// A form, as the endpoints of OAuth take it.
    async fn form(
        &mut self,
        route: &str,
        note: &str,
        fields: &[(&str, &str)],
        status: u16,
    ) -> anyhow::Result<Reply> {
        let request = self.system.request(Method::POST, route).form(fields);
        self.ask(&format!("POST {route}"), note, request, status).await
    }

    pub(super) async fn services(&mut self) -> anyhow::Result<()> {
        let admin = self.system.log_in(ADMINS.start).await?;
        let admin = Some(admin.access.as_str());
        let body = json!({ "name": "touring", "scopes": ["users:read", "introspect"] });
        let made = self.send(Step::post("/admin/clients"), admin, body, 201).await?;
        let (id, secret) = (made.text("client_id")?, made.text("client_secret")?);
        self.lists_of_clients(admin, &id).await?;
        let shown = [("client_id", id.as_str()), ("client_secret", secret.as_str())];
        let token = self.tokens_of_services(&shown).await?;
        self.names(&token).await?;
        self.status_lists().await?;
        self.changes_of_clients(admin, &id).await
    }

    async fn tokens_of_services(&mut self, shown: &[(&str, &str)]) -> anyhow::Result<String> {
        let with = |more: &[(&'static str, String)]| -> Vec<(String, String)> {
            let own = shown.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            own.chain(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone()))).collect()
        };
        let fields = with(&[("grant_type", "client_credentials".into())]);
        let token = self.oauth("/oauth/token", "client credentials", &fields).await?.text("access_token")?;
        let user = self.system.log_in(ORDINARY.start + 5).await?;
        let refresh =
            [("grant_type", "refresh_token"), ("client_id", "first-party"), ("refresh_token", &user.refresh)];
        let refreshed = self.form("/oauth/token", "refresh token", &refresh, 200).await?.tokens()?;
        for (what, asked) in [
            ("an access token", &refreshed.access),
            ("a refresh token", &refreshed.refresh),
            ("a service's", &token),
        ] {
            self.oauth("/oauth/introspect", what, &with(&[("token", asked.clone())])).await?;
        }
        self.form("/oauth/revoke", "a user's", &[("token", refreshed.refresh.as_str())], 200).await?;
        self.oauth("/oauth/revoke", "a service's", &with(&[("token", token)])).await?;
        let fields = with(&[("grant_type", "client_credentials".into())]);
        self.oauth("/oauth/token", "client credentials", &fields).await?.text("access_token")
    }

    async fn oauth(&mut self, route: &str, note: &str, fields: &[(String, String)]) -> anyhow::Result<Reply> {
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.form(route, note, &fields, 200).await
    }

    async fn names(&mut self, token: &str) -> anyhow::Result<()> {
        let path = format!("/users?username={}", username(ORDINARY.start));
        self.get("/users", &path, "one name", Some(token)).await?;
        let names: Vec<String> = (0..100).map(|nth| format!("username={}", username(nth * 7))).collect();
        self.get("/users", &format!("/users?{}", names.join("&")), "100 names", Some(token)).await.map(drop)
    }

    async fn status_lists(&mut self) -> anyhow::Result<()> {
        let lists = self.get("/oauth/status-lists", "/oauth/status-lists", "", None).await?;
        let lists: Vec<String> = lists.body["status_lists"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|uri| Some(uri.as_str()?.strip_prefix(&self.system.auth)?.to_owned()))
            .collect();
        for (path, note) in lists
            .first()
            .map(|path| (path, "the oldest"))
            .into_iter()
            .chain(lists.last().map(|path| (path, "the newest")))
        {
            self.get("/oauth/status-lists/{number}", path, note, None).await?;
        }
        self.send(
            Step::of(Method::GET, "/oauth/status-lists/{number}").at("/oauth/status-lists/1").note("unknown"),
            None,
            Value::Null,
            404,
        )
        .await
        .map(drop)
    }

    async fn lists_of_clients(&mut self, admin: Option<&str>, id: &str) -> anyhow::Result<()> {
        let page = self.get("/admin/clients", "/admin/clients", "", admin).await?;
        let path = format!("/admin/clients?cursor={}", page.text("next_cursor")?);
        self.get("/admin/clients", &path, "next page", admin).await?;
        self.get("/admin/clients/{client_id}", &format!("/admin/clients/{id}"), "", admin).await.map(drop)
    }

    async fn changes_of_clients(&mut self, admin: Option<&str>, id: &str) -> anyhow::Result<()> {
        let path = format!("/admin/clients/{id}");
        let route = "/admin/clients/{client_id}";
        for (note, body) in [
            ("another name", json!({ "name": "still touring" })),
            ("other scopes", json!({ "scopes": ["users:read"] })),
            ("switched off", json!({ "is_active": false })),
            ("switched on", json!({ "is_active": true })),
        ] {
            self.send(Step::of(Method::PATCH, route).at(&path).note(note), admin, body, 200).await?;
        }
        let secret = format!("{path}/secret");
        let route_of_secret = "/admin/clients/{client_id}/secret";
        self.send(Step::post(route_of_secret).at(&secret), admin, Value::Null, 200).await?;
        self.send(Step::of(Method::DELETE, route_of_secret).at(&secret), admin, Value::Null, 204).await?;
        self.send(Step::of(Method::DELETE, route).at(&path), admin, Value::Null, 204).await.map(drop)
    }
}
