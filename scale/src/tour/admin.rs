//! Administration: `/admin/…`, but for the clients.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Step, Tour};
use crate::seed::{ADMINS, HOARDER, KEEPER, ORDINARY, PASSWORD, username, username_key};

impl Tour<'_> {
    pub(super) async fn administration(&mut self) -> anyhow::Result<()> {
        let admin = self.system.log_in(ADMINS.start + 1).await?;
        let admin = Some(admin.access.as_str());
        self.lists_of_users(admin).await?;
        self.one_user(admin).await?;
        self.get("/admin/keys", "/admin/keys", "", admin).await?;
        self.send(Step::post("/admin/keys/rotate"), admin, Value::Null, 200).await?;
        self.trail(admin).await
    }

    async fn lists_of_users(&mut self, admin: Option<&str>) -> anyhow::Result<()> {
        let page = self.get("/admin/users", "/admin/users?limit=100", "", admin).await?;
        let path = format!("/admin/users?cursor={}", page.text("next_cursor")?);
        self.get("/admin/users", &path, "next page", admin).await?;
        let exact = username_key(ORDINARY.start);
        for (note, q) in [
            ("q that all have", "user"),
            ("q that few have", "00011"),
            ("q that nobody has", "zzzz"),
            ("q that is a name", exact.as_str()),
            ("q that is an address", "user0000999@example.org"),
        ] {
            let path = format!("/admin/users?q={q}");
            let page = self.get("/admin/users", &path, note, admin).await?;
            if let Some(cursor) = page.body["next_cursor"].as_str() {
                let path = format!("{path}&cursor={cursor}");
                self.get("/admin/users", &path, &format!("{note}, next page"), admin).await?;
            }
        }
        Ok(())
    }

    async fn one_user(&mut self, admin: Option<&str>) -> anyhow::Result<()> {
        let body = json!({ "username": "added", "password": PASSWORD, "roles": ["user"] });
        self.send(Step::post("/admin/users"), admin, body, 201).await?;
        let path = format!("/admin/users/{}", self.cast.id(ORDINARY.start + 6));
        let route = "/admin/users/{id}";
        self.get(route, &path, "", admin).await?;
        self.system.log_in(ORDINARY.start + 6).await?;
        for (note, body) in [
            ("roles", json!({ "roles": ["user", "admin"] })),
            ("roles, one administrator fewer", json!({ "roles": ["user"] })),
            ("switched off", json!({ "is_active": false })),
            ("switched on", json!({ "is_active": true })),
        ] {
            self.send(Step::of(Method::PATCH, route).at(&path).note(note), admin, body, 200).await?;
        }
        self.send(Step::of(Method::DELETE, route).at(&path), admin, Value::Null, 204).await?;
        let route = "/admin/users/{id}/sessions";
        let path = format!("/admin/users/{}/sessions", self.cast.id(KEEPER));
        self.get(route, &path, "of 500", admin).await?;
        let path = format!("/admin/users/{}/sessions", self.cast.id(HOARDER));
        self.send(Step::of(Method::DELETE, route).at(&path).note("of 500"), admin, Value::Null, 204).await?;
        let path = format!("/admin/users/{}", self.cast.id(HOARDER));
        let step = Step::of(Method::DELETE, "/admin/users/{id}").at(&path).note("with 500 sessions");
        self.send(step, admin, Value::Null, 204).await.map(drop)
    }

    async fn trail(&mut self, admin: Option<&str>) -> anyhow::Result<()> {
        let page = self.get("/admin/audit", "/admin/audit", "", admin).await?;
        let path = format!("/admin/audit?cursor={}", page.text("next_cursor")?);
        self.get("/admin/audit", &path, "next page", admin).await?;
        let (one, other) = (self.cast.id(ORDINARY.start), self.cast.id(ORDINARY.start + 7));
        for (note, filters) in [
            ("a frequent event", "event=login_succeeded".to_owned()),
            ("a rare event", "event=user_roles_changed".into()),
            ("an event there is none of", "event=database_restored".into()),
            ("an actor", format!("actor={one}")),
            ("a subject", format!("subject={one}")),
            ("a frequent event and a subject without any", format!("event=login_failed&subject={other}x")),
            ("a rare event and a subject", format!("event=user_roles_changed&subject={one}")),
            ("an actor and another subject", format!("actor={one}&subject={other}")),
            ("all three", format!("event=login_succeeded&actor={one}&subject={one}")),
        ] {
            self.get("/admin/audit", &format!("/admin/audit?{filters}"), note, admin).await?;
        }
        let who = username(ORDINARY.start);
        self.get("/admin/audit", &format!("/admin/audit?actor={who}"), "nobody's id", admin).await.map(drop)
    }
}
