//! `/admin/clients`: services that have tokens of their own, as administrators make, change and remove them.

use auth_server::store::{
    clients::{self, Client},
    schema::audit_events,
};
use diesel::prelude::*;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    app::{PASSWORD, Reply, TestApp, Tokens},
    oauth::Service,
};

const NOBODY: &str = "/admin/clients/svc_0192f0c123457000800000000000abcd";

/// An app with an administrator in it.
struct Office {
    app: TestApp,
    root: Tokens,
}

impl Office {
    async fn open() -> Self {
        let app = TestApp::spawn().await;
        let arguments = ["users", "add", "root", "--role", "admin", "--role", "user", "--password-stdin"];
        assert!(app.command_line(&arguments, PASSWORD).await.status.success());
        let root = app.log_in("root").await;
        Self { app, root }
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Reply {
        Reply::of(self.app.as_user(method, path, &self.root.access, &body)).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, json!(null)).await
    }

    /// Makes a client, which knows its secret then.
    async fn service(&self, name: &str, scopes: &[&str]) -> Service {
        let reply = self.send(Method::POST, "/admin/clients", json!({"name": name, "scopes": scopes})).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        Service { id: reply.text("client_id"), secret: reply.text("client_secret") }
    }

    async fn change(&self, service: &Service, body: Value) -> Reply {
        self.send(Method::PATCH, &path(service), body).await
    }

    /// Adds a secret. The same service knows it then.
    async fn rotate(&self, service: &Service) -> Service {
        let reply = self.send(Method::POST, &secret_path(service), json!(null)).await;
        assert_eq!((reply.status, &reply.text("client_id")), (StatusCode::OK, &service.id), "{reply:?}");
        Service { id: service.id.clone(), secret: reply.text("client_secret") }
    }

    async fn end_older_secret(&self, service: &Service) -> Reply {
        self.send(Method::DELETE, &secret_path(service), json!(null)).await
    }

    /// Whether a service gets a token.
    async fn is_let_in(&self, service: &Service) -> bool {
        let reply = self.app.send_as(service, "/oauth/token", &[("grant_type", "client_credentials")]).await;
        assert!(matches!(reply.status.as_u16(), 200 | 401), "{reply:?}");
        reply.status == StatusCode::OK
    }

    async fn row(&self, service: &Service) -> Client {
        let id = service.id.clone();
        self.app.database(move |c| clients::find(c, &id)).await.unwrap()
    }

    /// What the audit trail says of a client: what happened, the details, who did it, by which request.
    async fn events(
        &self,
        service: &Service,
    ) -> Vec<(String, Option<String>, Option<String>, Option<String>)> {
        use audit_events::{actor_name, detail, event, id, request_id, subject_id, table};
        let events = table.filter(subject_id.eq(service.id.clone())).order(id);
        let columns = (event, detail, actor_name, request_id);
        self.app.database(move |c| events.select(columns).load(c)).await
    }
}

fn path(service: &Service) -> String {
    format!("/admin/clients/{}", service.id)
}

fn secret_path(service: &Service) -> String {
    format!("/admin/clients/{}/secret", service.id)
}

#[actix_rt::test]
async fn a_client_is_made_with_a_secret_that_is_shown_this_once() {
    let office = Office::open().await;
    let body = json!({"name": "night shift", "scopes": ["users:read", "introspect", "users:read"]});
    let made = office.send(Method::POST, "/admin/clients", body).await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::CREATED, "no-store"));
    let id = made.text("client_id");
    assert_eq!(made.header("location"), format!("{}/admin/clients/{id}", office.app.url));
    let mut client = made.body.clone();
    let secret = client.as_object_mut().unwrap().remove("client_secret").unwrap();
    let created_at = "2027-01-15T08:00:00Z";
    let expected = json!({
        "client_id": id,
        "name": "night shift",
        "scopes": ["introspect", "users:read"],
        "is_active": true,
        "created_at": created_at,
        "secrets": [{"created_at": created_at}],
    });
    assert_eq!(client, expected);
    let one = office.get(&format!("/admin/clients/{id}")).await;
    assert_eq!((one.status, &one.body), (StatusCode::OK, &client));
    let list = office.get("/admin/clients").await;
    assert_eq!(list.body, json!({"items": [client], "next_cursor": null}));
    assert_eq!(list.header("cache-control"), "no-store");
    assert!(office.is_let_in(&Service { id, secret: secret.as_str().unwrap().into() }).await);
}

#[actix_rt::test]
async fn scopes_may_stand_in_one_text_and_there_may_be_none() {
    let office = Office::open().await;
    for (n, (given, kept)) in
        [(json!("b a b"), json!(["a", "b"])), (json!([]), json!([])), (json!(""), json!([]))]
            .into_iter()
            .enumerate()
    {
        let body = json!({"name": format!("client {n}"), "scopes": given});
        let made = office.send(Method::POST, "/admin/clients", body).await;
        assert_eq!((made.status, &made.body["scopes"]), (StatusCode::CREATED, &kept), "{given}");
    }
}

#[actix_rt::test]
async fn what_cannot_be_a_client_is_refused_by_the_name_of_each_member() {
    let office = Office::open().await;
    let billing = office.service("billing", &["a"]).await;
    let long = "x".repeat(1025);
    let cases = [
        (json!({}), vec!["name"]),
        (json!({"name": "x"}), vec!["scopes"]),
        (json!({"name": "x", "scopes": null}), vec!["scopes"]),
        (json!({"name": "x", "scopes": 7}), vec!["scopes"]),
        (json!({"name": "x", "scopes": [7]}), vec!["scopes[0]"]),
        (json!({"name": "", "scopes": []}), vec!["name"]),
        (json!({"name": " x", "scopes": ["a b"]}), vec!["name", "scopes"]),
        (json!({"name": "x".repeat(65), "scopes": "a  b"}), vec!["name", "scopes"]),
        (json!({"name": "x\u{0}", "scopes": ["é"]}), vec!["name", "scopes"]),
        (json!({"name": billing.id, "scopes": [long]}), vec!["name", "scopes"]),
    ];
    for (body, fields) in cases {
        let reply = office.send(Method::POST, "/admin/clients", body.clone()).await;
        assert_eq!(reply.faulty_fields(), fields, "{body}");
        if fields.len() == 2 {
            assert_eq!(office.change(&billing, body.clone()).await.faulty_fields(), fields, "{body}");
        }
    }
    for nothing in [json!({}), json!({"name": null, "scopes": null, "is_active": null})] {
        assert_eq!(office.change(&billing, nothing).await.faulty_fields(), ["body"]);
    }
    assert_eq!(office.change(&billing, json!({"is_active": "yes"})).await.faulty_fields(), ["is_active"]);
    assert_eq!(office.get("/admin/clients").await.body["items"].as_array().unwrap().len(), 1);
}

#[actix_rt::test]
async fn a_name_is_taken_once_and_free_again_when_its_client_is_gone() {
    let office = Office::open().await;
    let (billing, other) = (office.service("billing", &["a"]).await, office.service("other", &["a"]).await);
    let again = json!({"name": "billing", "scopes": []});
    office.send(Method::POST, "/admin/clients", again.clone()).await.assert_problem(409, "client_name_taken");
    let both = json!({"name": "billing", "is_active": false});
    office.change(&other, both).await.assert_problem(409, "client_name_taken");
    // All of a change is done, or nothing.
    assert!(office.row(&other).await.is_active && office.is_let_in(&other).await);
    assert_eq!(office.change(&other, json!({"name": "other"})).await.status, StatusCode::OK);
    assert_eq!(
        office.send(Method::DELETE, &path(&billing), json!(null)).await.status,
        StatusCode::NO_CONTENT
    );
    let newcomer = office.service("billing", &[]).await;
    assert_ne!(newcomer.id, billing.id);
    assert!(!office.is_let_in(&billing).await && office.is_let_in(&newcomer).await);
}

#[actix_rt::test]
async fn of_parallel_additions_of_one_name_over_two_instances_one_succeeds() {
    let office = Office::open().await;
    let beside = office.app.spawn_beside().await;
    let body = json!({"name": "billing", "scopes": []});
    let post = |n: usize| {
        let app = [&office.app, &beside][n % 2];
        Reply::of(app.as_user(Method::POST, "/admin/clients", &office.root.access, &body))
    };
    let replies = join_all((0..8).map(post)).await;
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
}

#[actix_rt::test]
async fn a_secret_is_replaced_while_both_are_good_and_tokens_live_on() {
    let office = Office::open().await;
    let first = office.service("billing", &["a"]).await;
    let token = office.app.service_token(&first).await;
    office.end_older_secret(&first).await.assert_problem(409, "last_secret");
    office.app.clock.advance(std::time::Duration::from_mins(1));
    let second = office.rotate(&first).await;
    assert!(office.is_let_in(&first).await && office.is_let_in(&second).await);
    let reply = office.send(Method::POST, &secret_path(&first), json!(null)).await;
    reply.assert_problem(409, "two_secrets");
    let shown = office.get(&path(&first)).await.body["secrets"].clone();
    let made = json!([{"created_at": "2027-01-15T08:00:00Z"}, {"created_at": "2027-01-15T08:01:00Z"}]);
    assert_eq!(shown, made);
    assert_eq!(office.end_older_secret(&first).await.status, StatusCode::NO_CONTENT);
    assert!(!office.is_let_in(&first).await && office.is_let_in(&second).await);
    office.end_older_secret(&first).await.assert_problem(409, "last_secret");
    assert!(!office.app.is_revoked(&token).await);
}

#[actix_rt::test]
async fn tokens_with_other_scopes_are_revoked_and_the_next_have_the_new_ones() {
    let office = Office::open().await;
    let service = office.service("billing", &["a", "b"]).await;
    let old = office.app.service_token(&service).await;
    let renamed =
        office.change(&service, json!({"name": "payments", "scopes": ["b", "a"], "is_active": true})).await;
    assert_eq!((renamed.status, renamed.body["name"].as_str()), (StatusCode::OK, Some("payments")));
    assert!(!office.app.is_revoked(&old).await, "what is as it was revokes nothing");
    let changed = office.change(&service, json!({"scopes": "c"})).await;
    assert_eq!((changed.status, &changed.body["scopes"]), (StatusCode::OK, &json!(["c"])));
    let new = office.app.service_token(&service).await;
    assert!(office.app.is_revoked(&old).await && !office.app.is_revoked(&new).await);
    assert_eq!(office.app.verify(&new, "resource-api").await.scope.to_string(), "c");
}

#[actix_rt::test]
async fn a_client_that_is_switched_off_is_out_at_once_and_no_token_comes_back_with_it() {
    let office = Office::open().await;
    let service = office.service("billing", &["users:read"]).await;
    let token = office.app.service_token(&service).await;
    assert_eq!(office.app.get_as("/users?username=root", &token).await.status, StatusCode::OK);
    let off = office.change(&service, json!({"is_active": false})).await;
    assert_eq!((off.status, &off.body["is_active"]), (StatusCode::OK, &json!(false)));
    assert!(office.app.is_revoked(&token).await && !office.is_let_in(&service).await);
    office.app.get_as("/users?username=root", &token).await.assert_problem(401, "invalid_token");
    assert_eq!(office.change(&service, json!({"is_active": true})).await.status, StatusCode::OK);
    assert!(office.app.is_revoked(&token).await && office.is_let_in(&service).await);
    office.app.get_as("/users?username=root", &token).await.assert_problem(401, "invalid_token");
    assert!(!office.app.is_revoked(&office.app.service_token(&service).await).await);
}

#[actix_rt::test]
async fn a_client_that_is_removed_takes_its_tokens_along() {
    let office = Office::open().await;
    let service = office.service("billing", &["users:read"]).await;
    let token = office.app.service_token(&service).await;
    assert_eq!(
        office.send(Method::DELETE, &path(&service), json!(null)).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(office.app.is_revoked(&token).await && !office.is_let_in(&service).await);
    office.app.get_as("/users?username=root", &token).await.assert_problem(401, "invalid_token");
    office.send(Method::DELETE, &path(&service), json!(null)).await.assert_problem(404, "client_not_found");
}

#[actix_rt::test]
async fn the_command_line_does_the_same_beside_a_running_server() {
    let office = Office::open().await;
    let service = office.service("billing", &["users:read"]).await;
    let token = office.app.service_token(&service).await;
    for (command, is_let_in) in [("disable", false), ("enable", true)] {
        assert!(office.app.command_line(&["clients", command, "billing"], "").await.status.success());
        assert!(office.app.is_revoked(&token).await, "{command}");
        assert_eq!(office.is_let_in(&service).await, is_let_in, "{command}");
    }
}

#[actix_rt::test]
async fn an_id_that_nobody_has_or_that_is_none_is_not_found() {
    let office = Office::open().await;
    let service = office.service("billing", &["a"]).await;
    let hyphens = uuid::Uuid::parse_str(&service.id[4..]).unwrap().to_string();
    let mut paths = vec![NOBODY.to_owned()];
    for id in [
        &service.id.to_uppercase(),
        &service.id[4..],
        &format!("svc_{hyphens}"),
        "billing",
        "first-party",
        "%00",
    ] {
        paths.push(format!("/admin/clients/{id}"));
    }
    for path in paths {
        for (method, suffix, body) in [
            (Method::GET, "", json!(null)),
            (Method::PATCH, "", json!({"is_active": false})),
            (Method::DELETE, "", json!(null)),
            (Method::POST, "/secret", json!(null)),
            (Method::DELETE, "/secret", json!(null)),
        ] {
            let reply = office.send(method.clone(), &format!("{path}{suffix}"), body).await;
            reply.assert_problem(404, "client_not_found");
        }
    }
    assert!(office.is_let_in(&service).await);
}

#[actix_rt::test]
async fn clients_are_listed_newest_first_page_by_page() {
    let office = Office::open().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(office.service(&format!("client {n}"), &[]).await.id);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for expected in [2, 2, 1] {
        let page = office.get(&format!("/admin/clients?limit=2&cursor={cursor}")).await;
        let items = page.body["items"].as_array().unwrap();
        assert_eq!(items.len(), expected);
        assert!(items.iter().all(|item| item["secrets"].as_array().unwrap().len() == 1), "{page:?}");
        seen.extend(items.iter().map(|item| item["client_id"].as_str().unwrap().to_owned()));
        cursor = page.body["next_cursor"].as_str().unwrap_or_default().to_owned();
    }
    ids.reverse();
    assert_eq!((seen, cursor.as_str()), (ids, ""));
    assert_eq!(office.get("/admin/clients?limit=0").await.faulty_fields(), ["limit"]);
}

#[actix_rt::test]
async fn only_administrators_with_the_scope_come_near_a_client() {
    let office = Office::open().await;
    let service = office.service("billing", &["admin", "users:read"]).await;
    let alice = office.app.user("alice").await.access;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "first-party"),
        ("scope", "posts:read"),
        ("refresh_token", &office.root.refresh),
    ];
    let narrowed = office.app.send_form("/oauth/token", &form).await.text("access_token");
    let of_service = office.app.service_token(&service).await;
    let before = office.row(&service).await;
    let (one, secret) = (path(&service), secret_path(&service));
    let doors = [
        (Method::GET, "/admin/clients", json!(null)),
        (Method::POST, "/admin/clients", json!({"name": "mine", "scopes": []})),
        (Method::GET, &one, json!(null)),
        (Method::PATCH, &one, json!({"scopes": ["mine"]})),
        (Method::DELETE, &one, json!(null)),
        (Method::POST, &secret, json!(null)),
        (Method::DELETE, &secret, json!(null)),
    ];
    for (method, path, body) in doors {
        Reply::of(office.app.request(method.clone(), path).json(&body))
            .await
            .assert_problem(401, "missing_token");
        for token in [&alice, &narrowed, &of_service] {
            let reply = Reply::of(office.app.as_user(method.clone(), path, token, &body)).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{method} {path}: {reply:?}");
        }
    }
    assert_eq!(office.row(&service).await, before);
    assert_eq!(office.get("/admin/clients").await.body["items"].as_array().unwrap().len(), 1);
    assert!(office.is_let_in(&service).await);
}

#[actix_rt::test]
async fn every_change_is_recorded_with_who_made_it_and_what_fails_is_not() {
    let office = Office::open().await;
    let service = office.service("billing", &["a"]).await;
    office.rotate(&service).await;
    office.send(Method::POST, &secret_path(&service), json!(null)).await.assert_problem(409, "two_secrets");
    office.end_older_secret(&service).await;
    office.end_older_secret(&service).await.assert_problem(409, "last_secret");
    office.change(&service, json!({"name": "payments", "is_active": false})).await;
    office.change(&service, json!({"is_active": false})).await;
    office.change(&service, json!({"scopes": ["b"], "is_active": true})).await;
    office.send(Method::DELETE, &path(&service), json!(null)).await;
    let events = office.events(&service).await;
    let told: Vec<(&str, &str)> =
        events.iter().map(|event| (event.0.as_str(), event.1.as_deref().unwrap_or_default())).collect();
    let expected = [
        ("client_created", "scopes: a"),
        ("client_secret_added", ""),
        ("client_secret_added", ""),
        ("client_secret_ended", ""),
        ("client_changed", "renamed from \"billing\""),
        ("client_deactivated", ""),
        ("client_changed", "scopes: b"),
        ("client_activated", ""),
        ("client_deleted", ""),
    ];
    assert_eq!(told, expected);
    assert!(events.iter().all(|event| event.2.as_deref() == Some("root") && event.3.is_some()), "{events:?}");
}
