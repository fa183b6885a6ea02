//! Signing keys over HTTP, and what the audit trail tells of keys.

use std::{
    collections::BTreeSet,
    fs::Permissions,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use auth_server::{
    error::ApiError,
    store::{audit::AuditEvent, schema::audit_events},
};
use diesel::prelude::*;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    app::{PASSWORD, Reply, TestApp, Tokens},
    cli::{Place, Running},
};

/// A user without any rights.
const NOBODY: u32 = 65_534;

async fn list(app: &TestApp, admin: &Tokens) -> Value {
    let reply = app.get_as("/admin/keys", &admin.access).await;
    assert_eq!((reply.status, reply.header("cache-control")), (StatusCode::OK, "no-store"), "{reply:?}");
    reply.body
}

async fn rotate(app: &TestApp, admin: &Tokens) -> Reply {
    app.call(&admin.access, Method::POST, "/admin/keys/rotate", json!(null)).await
}

/// Every event of keys, oldest first: `event actor id: detail`.
async fn key_events(app: &TestApp) -> Vec<String> {
    let rows = audit_events::table.filter(audit_events::event.like("key_%"));
    let rows = rows.order(audit_events::id).select(AuditEvent::as_select());
    let rows = app.state.store.run(move |c| Ok::<_, ApiError>(rows.load::<AuditEvent>(c)?)).await.unwrap();
    let tell = |row: AuditEvent| {
        let actor = row.actor_name.unwrap_or(row.actor_type);
        format!("{} {actor} {}: {}", row.event, row.subject_id.unwrap(), row.detail.unwrap())
    };
    rows.into_iter().map(tell).collect()
}

/// What a server does by itself is written down behind its back.
async fn key_events_when_there_are(app: &TestApp, count: usize) -> Vec<String> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let events = key_events(app).await;
        if events.len() >= count {
            return events;
        }
        assert!(Instant::now() < deadline, "{events:?}");
        actix_rt::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn reread(app: &TestApp) {
    let keys = app.state.keys.clone();
    actix_web::web::block(move || keys.reread()).await.unwrap().unwrap();
}

#[actix_rt::test]
async fn keys_are_listed_with_their_state_and_nothing_private() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    let body = list(&app, &root).await;
    let published = app.get("/.well-known/jwks.json").await.body;
    let kids: BTreeSet<_> =
        published["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).map(Value::to_string).collect();
    let items = body["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|key| key["kid"].to_string()).collect::<BTreeSet<_>>(), kids);
    let states: Vec<_> = items.iter().map(|key| (&key["state"], &key["activates_at"])).collect();
    assert_eq!(
        states,
        [
            (&json!("active"), &json!("2027-01-15T08:00:00Z")),
            (&json!("next"), &json!("2027-02-14T08:00:00Z"))
        ]
    );
    assert_eq!(body["refresh_secrets"].as_array().unwrap().len(), 2);
    let text = body.to_string();
    for file in app.place.folder.path().join("keys").read_dir().unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        let content = String::from_utf8_lossy(&content).into_owned();
        assert!(
            content.lines().all(|line| line.len() < 20 || !text.contains(line)),
            "something private came out"
        );
    }
    for key in items.iter().chain(body["refresh_secrets"].as_array().unwrap()) {
        let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.retain(|name| !["kid", "id", "state", "activates_at"].contains(name));
        assert!(members.is_empty(), "{members:?}");
    }
}

#[actix_rt::test]
async fn a_rotation_tells_what_will_happen_and_a_second_one_changes_nothing() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    let next = list(&app, &root).await;
    app.clock.advance(Duration::from_mins(1));
    let first = rotate(&app, &root).await;
    let expected = json!({
        "kid": next["items"][1]["kid"], "activates_at": "2027-01-15T09:01:00Z", "was_planned": false,
        "refresh_secret": {
            "id": next["refresh_secrets"][1]["id"], "activates_at": "2027-01-15T09:01:00Z", "was_planned": false,
        },
    });
    assert_eq!((first.status, &first.body), (StatusCode::OK, &expected));
    let after = list(&app, &root).await;
    assert_eq!(after["items"][1]["activates_at"], "2027-01-15T09:01:00Z");
    app.clock.advance(Duration::from_mins(1));
    let again = rotate(&app, &root).await;
    assert_eq!(
        (&again.body["kid"], &again.body["activates_at"]),
        (&first.body["kid"], &first.body["activates_at"])
    );
    assert_eq!(
        (&again.body["was_planned"], &again.body["refresh_secret"]["was_planned"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(list(&app, &root).await, after);

    let told = key_events_when_there_are(&app, 6).await;
    let by_root: Vec<_> =
        told.iter().filter(|event| event.starts_with("key_rotated root")).cloned().collect();
    let (kid, secret) = (first.text("kid"), first.body["refresh_secret"]["id"].as_str().unwrap());
    assert_eq!(
        by_root,
        [
            format!("key_rotated root {kid}: signing key, in use from 2027-01-15T09:01:00Z"),
            format!("key_rotated root {secret}: refresh secret, in use from 2027-01-15T09:01:00Z"),
        ]
    );
    app.clock.advance(Duration::from_hours(1));
    let session = app.log_in("root").await;
    let token = shared_claims::UnverifiedToken::parse(&session.access).unwrap();
    assert_eq!(token.kid(), kid, "from then on it signs");
}

#[actix_rt::test]
async fn what_the_schedule_does_is_told_once_by_the_instance_that_did_it() {
    let settings = [
        ("AUTH__KEYS__ROTATE_EVERY", "1h"),
        ("AUTH__KEYS__PUBLISH_AHEAD", "60s"),
        ("AUTH__SESSIONS__IDLE_TTL", "1m"),
        ("AUTH__SESSIONS__TTL", "1h"),
    ];
    let app = TestApp::spawn_with(&settings).await;
    let beside = app.spawn_beside_with(&settings).await;
    let first = key_events_when_there_are(&app, 4).await;
    assert!(first.iter().all(|event| event.starts_with("key_created server ")), "{first:?}");
    // The next ones take over, new ones are made; later the first ones go.
    app.clock.advance(Duration::from_mins(61));
    for app in [&beside, &app, &beside] {
        reread(app).await;
    }
    app.clock.advance(Duration::from_mins(30));
    for app in [&app, &beside, &app] {
        reread(app).await;
    }
    let events = key_events_when_there_are(&app, 8).await;
    let keys = app.state.keys.ring().list(app.clock.now_secs());
    let present: BTreeSet<String> = keys.into_iter().map(|key| key.id).collect();
    let of = |event: &str| -> Vec<String> {
        let told = events.iter().filter(|told| told.starts_with(&format!("{event} server ")));
        told.map(|told| told.split([' ', ':']).nth(2).unwrap().to_owned()).collect()
    };
    let (made, deleted) = (of("key_created"), of("key_deleted"));
    assert_eq!((made.len(), deleted.len(), events.len()), (6, 2, 8), "{events:?}");
    assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), 6, "each of them once");
    let left: BTreeSet<String> = made.into_iter().filter(|id| !deleted.contains(id)).collect();
    assert_eq!(left, present);
}

#[test]
fn what_the_command_line_does_to_keys_is_told_and_a_revocation_tells_the_successor() {
    let place = Place::new();
    place.ok(&["users", "add", "root", "--password-stdin"], PASSWORD);
    std::fs::create_dir(place.path("keys")).unwrap();
    let mut known = 1;
    let mut told = || -> Vec<String> {
        let text = place.ok(&["audit", "--json"], "");
        let tell = |line: &str| {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["actor"]["type"], "command_line");
            let detail = event["detail"].as_str().unwrap().split(" from 20").next().unwrap().to_owned();
            format!(
                "{} {}: {detail}",
                event["event"].as_str().unwrap(),
                event["subject"]["id"].as_str().unwrap()
            )
        };
        let new: Vec<String> = text.lines().skip(known).map(tell).collect();
        known += new.len();
        new
    };
    let ids = || -> Vec<String> {
        let text = place.ok(&["keys", "list"], "");
        text.lines().map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
    };
    place.ok(&["keys", "rotate"], "");
    let [active, next, secret, next_secret] = ids().try_into().unwrap();
    let expected = [
        format!("key_created {active}: signing key, in use"),
        format!("key_created {next}: signing key, in use"),
        format!("key_created {secret}: refresh secret, in use"),
        format!("key_created {next_secret}: refresh secret, in use"),
        format!("key_rotated {next}: signing key, in use"),
        format!("key_rotated {next_secret}: refresh secret, in use"),
    ];
    assert_eq!(told(), expected);
    place.ok(&["keys", "rotate"], "");
    assert!(told().is_empty(), "it was planned already");
    place.ok(&["keys", "revoke", &active], "");
    let newest = ids().remove(1);
    let expected = [
        format!("key_revoked {active}: signing key, which was active"),
        format!("key_rotated {next}: signing key, in use"),
        format!("key_created {newest}: signing key, in use"),
    ];
    assert_eq!(told(), expected);
    place.ok(&["keys", "revoke", &newest], "");
    assert_eq!(told()[0], format!("key_revoked {newest}: signing key, which was next"));
    place.refused(&["keys", "revoke", "nonsense"], "");
    place.ok(&["keys", "list"], "");
    assert!(told().is_empty());
}

#[test]
fn a_leaked_key_is_revoked_whatever_the_database_is_and_it_is_told_that_this_is_not_recorded() {
    let place = Place::new();
    place.ok(&["users", "add", "root", "--password-stdin"], PASSWORD);
    std::fs::create_dir(place.path("keys")).unwrap();
    let broken = ["sqlite:///nowhere/auth.db", "postgres://nobody@127.0.0.1:1/nothing"];
    for database in broken {
        let settings = [("AUTH__DATABASE__URL", database)];
        let rotated = place.run(&["keys", "rotate"], &settings, "");
        assert!(rotated.status.success(), "{rotated:?}");
        let active = place.ok(&["keys", "list"], "").split_whitespace().next().unwrap().to_owned();
        let revoked = place.run(&["keys", "revoke", &active], &settings, "");
        let (told, warned) =
            (String::from_utf8(revoked.stdout).unwrap(), String::from_utf8(revoked.stderr).unwrap());
        assert!(
            revoked.status.success() && told.contains(&format!("revoked the signing key {active}")),
            "{told}"
        );
        assert!(warned.contains("not recorded in the audit trail"), "{warned}");
        assert!(!place.ok(&["keys", "list"], "").contains(&active));
    }
    let looked = place.run(&["keys", "list"], &[("AUTH__DATABASE__URL", broken[0])], "");
    assert!(looked.stderr.is_empty(), "{looked:?}");
}

#[test]
fn keys_that_are_managed_from_outside_are_not_rotated_here() {
    let place = Place::new();
    place.ok(&["users", "add", "root", "--role", "admin", "--role", "user", "--password-stdin"], PASSWORD);
    std::fs::create_dir(place.path("keys")).unwrap();
    place.ok(&["keys", "rotate"], "");
    let before = place.ok(&["keys", "list"], "");
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let _running = serve_read_only(&place, &address);
    let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let login = json!({"username": "root", "password": PASSWORD});
    let url = |path: &str| format!("http://{address}{path}");
    let deadline = Instant::now() + Duration::from_secs(30);
    let answer = loop {
        match http.post(url("/auth/login")).json(&login).send() {
            Ok(answer) => break answer,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let tokens: Value = serde_json::from_str(&answer.text().unwrap()).unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    let refused = http.post(url("/admin/keys/rotate")).bearer_auth(access).send().unwrap();
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let problem: Value = serde_json::from_str(&refused.text().unwrap()).unwrap();
    assert_eq!(problem["code"], "keys_managed_outside");
    assert!(problem["detail"].as_str().unwrap().contains("docs/operations.md"), "{problem}");
    let listed = http.get(url("/admin/keys")).bearer_auth(access).send().unwrap();
    assert_eq!(listed.status(), StatusCode::OK);
    std::fs::set_permissions(place.path("keys"), Permissions::from_mode(0o700)).unwrap();
    for entry in std::fs::read_dir(place.path("keys")).unwrap() {
        std::fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(0o600)).unwrap();
    }
    assert_eq!(place.ok(&["keys", "list"], ""), before);
}

/// A server that may read the folder of keys and not change it.
fn serve_read_only(place: &Place, address: &str) -> Running {
    let folder = place.path("keys");
    let program = place.path("program");
    std::fs::copy(env!("CARGO_BIN_EXE_auth-server"), &program).unwrap();
    let mut command = Command::new(program);
    if rustix::process::geteuid().is_root() {
        std::fs::set_permissions(place.path("."), Permissions::from_mode(0o755)).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let file = entry.unwrap().path();
            chown(&file, None, Some(NOBODY)).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        }
        if let Some(files) = place.database.folder() {
            let own = [format!("{NOBODY}:{NOBODY}"), files.display().to_string()];
            assert!(Command::new("chown").arg("-R").args(own).status().unwrap().success());
        }
        command.uid(NOBODY).gid(NOBODY);
    } else {
        std::fs::set_permissions(&folder, Permissions::from_mode(0o500)).unwrap();
    }
    command
        .env_clear()
        .env("AUTH__LISTEN", address)
        .env("AUTH__ISSUER", format!("http://{address}"))
        .env("AUTH__DATABASE__URL", place.database.url())
        .env("AUTH__KEYS__DIR", folder)
        .env("AUTH__PASSWORDS__BCRYPT_COST", "10")
        .stderr(Stdio::null());
    Running(command.spawn().unwrap())
}
