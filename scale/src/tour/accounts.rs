//! Accounts and sessions: `/auth/…`.

use std::time::Duration;

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Reply, Step, Tour};
use crate::{
    seed::{HOARDER, KEEPER, ORDINARY, PASSWORD, username},
    system::Tokens,
};

/// His account is deleted, and resource-api does not know yet.
pub(super) const FREED_NAME: u64 = ORDINARY.start + 15;
const NEW_PASSWORD: &str = "another horse battery";

impl Tour<'_> {
    pub(super) async fn accounts(&mut self) -> anyhow::Result<()> {
        self.signup().await?;
        let tokens = self.logins().await?;
        let tokens = self.refreshes(&tokens).await?;
        self.sessions(&tokens).await?;
        self.logouts().await?;
        self.own_account().await
    }

    async fn signup(&mut self) -> anyhow::Result<()> {
        let body = json!({ "username": "newcomer", "password": PASSWORD, "email": "new@example.org" });
        self.send(Step::post("/auth/signup"), None, body, 201).await?;
        let taken = json!({ "username": username(ORDINARY.start), "password": PASSWORD });
        self.send(Step::post("/auth/signup").note("the name is taken"), None, taken, 409).await.map(drop)
    }

    async fn log_in(&mut self, user: u64, note: &str) -> anyhow::Result<Tokens> {
        let body = json!({ "username": username(user), "password": PASSWORD });
        self.send(Step::post("/auth/login").note(note), None, body, 200).await?.tokens()
    }

    async fn logins(&mut self) -> anyhow::Result<Tokens> {
        let user = ORDINARY.start + 1;
        let wrong = |name: String| json!({ "username": name, "password": "wrong horse battery" });
        let refused = wrong(username(user));
        self.send(Step::post("/auth/login").note("wrong password"), None, refused.clone(), 401).await?;
        let unknown = wrong("nobody-of-this-name".into());
        self.send(Step::post("/auth/login").note("unknown user"), None, unknown, 401).await?;
        self.log_in(user, "from an unknown network, after a failure").await?;
        self.send(Step::post("/auth/login").note("wrong password, known network"), None, refused, 401)
            .await?;
        self.log_in(HOARDER, "with 500 sessions").await?;
        self.log_in(user, "from a known network").await
    }

    async fn refresh(&mut self, link: &str, note: &str, status: u16) -> anyhow::Result<Reply> {
        let body = json!({ "refresh_token": link });
        self.send(Step::post("/auth/refresh").note(note), None, body, status).await
    }

    async fn refreshes(&mut self, tokens: &Tokens) -> anyhow::Result<Tokens> {
        let newest = self.refresh(&tokens.refresh, "advances", 200).await?.tokens()?;
        self.refresh(&tokens.refresh, "within the grace", 200).await?;
        let replayed = self.log_in(ORDINARY.start + 2, "").await?;
        self.refresh(&replayed.refresh, "advances", 200).await?;
        self.system.clock.advance(Duration::from_secs(31));
        self.refresh(&replayed.refresh, "replayed", 401).await?;
        self.refresh("AQ", "forged", 401).await?;
        Ok(newest)
    }

    async fn sessions(&mut self, tokens: &Tokens) -> anyhow::Result<()> {
        let token = Some(tokens.access.as_str());
        let listed = self.get("/auth/sessions", "/auth/sessions", "", token).await?;
        let mut others =
            listed.body["items"].as_array().into_iter().flatten().filter(|item| item["current"] != true);
        let other = others.find_map(|item| item["id"].as_str()).context("no other session")?;
        let path = format!("/auth/sessions/{other}");
        self.send(Step::of(Method::DELETE, "/auth/sessions/{id}").at(&path), token, Value::Null, 204).await?;
        let keeper = self.log_in(KEEPER, "with 500 sessions").await?;
        let token = Some(keeper.access.as_str());
        let page = self.get("/auth/sessions", "/auth/sessions?limit=5", "of 500", token).await?;
        if let Some(cursor) = page.body["next_cursor"].as_str() {
            let path = format!("/auth/sessions?limit=5&cursor={cursor}");
            self.get("/auth/sessions", &path, "of 500, next page", token).await?;
        }
        let hoarder = self.log_in(HOARDER, "with 500 sessions").await?;
        let token = Some(hoarder.access.as_str());
        self.send(Step::post("/auth/logout-all").note("500 sessions"), token, Value::Null, 204)
            .await
            .map(drop)
    }

    async fn logouts(&mut self) -> anyhow::Result<()> {
        let user = ORDINARY.start + 3;
        let by_link = self.log_in(user, "").await?;
        let body = json!({ "refresh_token": by_link.refresh });
        self.send(Step::post("/auth/logout").note("by a link"), None, body, 204).await?;
        let by_token = self.log_in(user, "").await?;
        let step = Step::post("/auth/logout").note("by an access token");
        self.send(step, Some(&by_token.access), Value::Null, 204).await?;
        let all = self.log_in(user, "").await?;
        self.send(Step::post("/auth/logout-all"), Some(&all.access), Value::Null, 204).await.map(drop)
    }

    async fn own_account(&mut self) -> anyhow::Result<()> {
        let tokens = self.log_in(FREED_NAME, "").await?;
        let token = Some(tokens.access.as_str());
        self.get("/auth/user", "/auth/user", "", token).await?;
        let body = json!({ "email": "other@example.org", "current_password": PASSWORD });
        self.send(Step::of(Method::PATCH, "/auth/user"), token, body, 200).await?;
        let wrong = json!({ "email": null, "current_password": "wrong horse battery" });
        self.send(Step::of(Method::PATCH, "/auth/user").note("wrong password"), token, wrong, 422).await?;
        let body = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
        self.send(Step::of(Method::PUT, "/auth/user/password"), token, body, 204).await?;
        let body = json!({ "password": NEW_PASSWORD });
        self.send(Step::of(Method::DELETE, "/auth/user"), token, body, 204).await.map(drop)
    }
}
