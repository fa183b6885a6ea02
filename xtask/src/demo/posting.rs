//! Posts, following and timelines at resource-api, and what the administrator's role opens.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::client::{Answer, Request, Walk};
use super::{Servers, Tokens, log_in};
use crate::console::progress;
use crate::servers::{DEMO_ADMIN, DEMO_USER};

pub(super) fn walk(walk: &mut Walk, servers: &Servers, ada: &Tokens) -> Result<()> {
    let Servers { auth, api, .. } = servers;
    progress("Posts and timelines at resource-api");
    let post = json!({ "content": "Notes on the engine." });
    let posted = walk.send(Request::post(&format!("{api}/api/posts"), &post).bearer(&ada.access), 201)?;
    Walk::shows(&format!("ada posted {}", posted.text("id")?));
    let one = Request::get(&format!("{api}/api/posts/{}", posted.text("id")?)).bearer(&ada.access);
    ensure!(walk.send(one, 200)?.text("author")? == "ada", "a post is its author's");
    Walk::shows("and can be read by its id, as ada's");
    ensure!(contents(&timeline(walk, api, ada)?)? == ["Notes on the engine."], "ada's timeline has her post");
    Walk::shows("it is on her timeline");

    let other = log_in(walk, auth, DEMO_USER.name, DEMO_USER.password)?;
    let post = json!({ "content": "Hello from the second user." });
    walk.send(Request::post(&format!("{api}/api/posts"), &post).bearer(&other.access), 201)?;
    Walk::shows(&format!("{} posted too", DEMO_USER.name));
    let follow = format!("{api}/api/users/{}/follow", DEMO_USER.name);
    walk.send(Request::new("PUT", &follow).bearer(&ada.access), 204)?;
    Walk::shows(&format!("ada follows {}", DEMO_USER.name));
    let both = timeline(walk, api, ada)?;
    ensure!(
        contents(&both)? == ["Hello from the second user.", "Notes on the engine."],
        "own and followed posts, newest first: {}",
        both.json
    );
    Walk::shows("both posts are on her timeline, newest first");

    progress("Roles");
    let admin_page = format!("{api}/api/admin");
    walk.refused(Request::get(&admin_page).bearer(&ada.access), 403, "insufficient_scope")?;
    Walk::shows("not for ada");
    let admin = log_in(walk, auth, DEMO_ADMIN.name, DEMO_ADMIN.password)?;
    walk.send(Request::get(&admin_page).bearer(&admin.access), 200)?;
    Walk::shows("for an administrator");
    Ok(())
}

fn timeline(walk: &mut Walk, api: &str, user: &Tokens) -> Result<Answer> {
    walk.send(Request::get(&format!("{api}/api/timeline")).bearer(&user.access), 200)
}

fn contents(timeline: &Answer) -> Result<Vec<&str>> {
    let items = timeline.json["items"].as_array().context("a timeline has items")?;
    items.iter().map(|item: &Value| item["content"].as_str().context("a post has content")).collect()
}
