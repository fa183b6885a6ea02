//! resource-api: `/api/…`.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Step, Tour, accounts::FREED_NAME};
use crate::seed::{
    ADMINS, CELEBRITY, COLLECTOR, DORMANT_READERS, ERASER, ORDINARY, PROLIFIC, READERS, username,
};

impl Tour<'_> {
    pub(super) async fn posts(&mut self) -> anyhow::Result<()> {
        let user = self.system.log_in(ORDINARY.start + 8).await?;
        let token = Some(user.access.as_str());
        self.get("/api/public", "/api/public", "", None).await?;
        self.get("/api/whoami", "/api/whoami", "", token).await?;
        self.get("/api/protected", "/api/protected", "", token).await?;
        let admin = self.system.log_in(ADMINS.start + 2).await?;
        self.get("/api/admin", "/api/admin", "", Some(&admin.access)).await?;
        self.one_post(token, &admin.access).await?;
        self.timelines().await?;
        self.profiles(token).await?;
        self.follows(token).await
    }

    async fn one_post(&mut self, token: Option<&str>, admin: &str) -> anyhow::Result<()> {
        let step = || Step::post("/api/posts");
        let post = self.send(step(), token, json!({ "content": "one more" }), 201).await?;
        let newcomer = self.system.log_in(self.cast.size.users - 1).await?;
        let first = json!({ "content": "my first" });
        let other = self.send(step().note("a first call"), Some(&newcomer.access), first, 201).await?;
        let route = "/api/posts/{id}";
        let (post, other) = (post.text("id")?, other.text("id")?);
        let path = format!("/api/posts/{post}");
        self.get(route, &path, "", token).await?;
        self.send(Step::of(Method::DELETE, route).at(&path), token, Value::Null, 204).await?;
        let path = format!("/api/posts/{other}");
        let delete = Step::of(Method::DELETE, route).at(&path);
        self.send(delete.note("by an administrator"), Some(admin), Value::Null, 204).await.map(drop)
    }

    async fn timelines(&mut self) -> anyhow::Result<()> {
        for (user, note) in [
            (READERS.start, "follows 100"),
            (READERS.start + 1, "follows 100 others"),
            (DORMANT_READERS.start, "follows 100 dormant"),
            (COLLECTOR, "follows 5000"),
            (ERASER, "has deleted all"),
            (PROLIFIC.start, "has written much"),
            (ORDINARY.start + 9, "follows few"),
        ] {
            let user = self.system.log_in(user).await?;
            let token = Some(user.access.as_str());
            for limit in ["", "limit=100"] {
                let path = format!("/api/timeline?{limit}");
                let note = format!("{note} {limit}");
                let page = self.get("/api/timeline", &path, note.trim(), token).await?;
                if let Some(cursor) = page.body["next_cursor"].as_str() {
                    let path = format!("{path}&cursor={cursor}");
                    self.get("/api/timeline", &path, &format!("{note}, next page"), token).await?;
                }
            }
        }
        Ok(())
    }

    async fn profiles(&mut self, token: Option<&str>) -> anyhow::Result<()> {
        for (user, note) in [
            (ORDINARY.start, "ordinary"),
            (CELEBRITY, "followed by many"),
            (COLLECTOR, "follows 5000"),
            (PROLIFIC.start, "has written much"),
            (ERASER, "has deleted all"),
        ] {
            let path = format!("/api/users/{}", username(user));
            self.get("/api/users/{username}", &path, note, token).await?;
            for list in ["posts", "followers", "following"] {
                let route = format!("/api/users/{{username}}/{list}");
                let path = format!("{path}/{list}?limit=20");
                let page = self.get(&route, &path, note, token).await?;
                if let Some(cursor) = page.body["next_cursor"].as_str() {
                    let path = format!("{path}&cursor={cursor}");
                    self.get(&route, &path, &format!("{note}, next page"), token).await?;
                }
            }
        }
        let step =
            Step::of(Method::GET, "/api/users/{username}").at("/api/users/nobody-has-it").note("nobody");
        self.send(step, token, Value::Null, 404).await.map(drop)
    }

    async fn follows(&mut self, token: Option<&str>) -> anyhow::Result<()> {
        let route = "/api/users/{username}/follow";
        for (user, note) in [
            (ORDINARY.start + 20, "confirmed lately"),
            (ORDINARY.start + 21, "auth-server is asked"),
            (self.cast.size.users - 2, "who has never called"),
            (CELEBRITY, "followed by many"),
        ] {
            let path = format!("/api/users/{}/follow", username(user));
            self.send(Step::of(Method::PUT, route).at(&path).note(note), token, Value::Null, 204).await?;
            self.send(Step::of(Method::DELETE, route).at(&path).note(note), token, Value::Null, 204).await?;
        }
        let freed = username(FREED_NAME);
        for (name, note) in [("nobody-has-it", "nobody"), (&freed, "who is there no more")] {
            let path = format!("/api/users/{name}/follow");
            let step = Step::of(Method::PUT, route).at(&path).note(note);
            self.send(step, token, Value::Null, 404).await?;
        }
        Ok(())
    }
}
