//! Reading the audit trail: over HTTP and on the command line.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    app::{PASSWORD, TestApp, Tokens},
    audit::trail,
};

async fn read(app: &TestApp, admin: &Tokens, query: &str) -> (Vec<Value>, String) {
    let reply = app.get_as(&format!("/admin/audit?{query}"), &admin.access).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let next = reply.body["next_cursor"].as_str().unwrap_or_default().to_owned();
    let mut items = reply.body["items"].as_array().unwrap().clone();
    items.retain(|item| !item["event"].as_str().unwrap().starts_with("key_"));
    (items, next)
}

fn events(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["event"].as_str().unwrap()).collect()
}

#[actix_rt::test]
async fn an_administrator_reads_who_did_what_when_from_where_newest_first() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    app.clock.advance(Duration::from_secs(5));
    let body = json!({"username": "alice", "password": PASSWORD});
    let made = app.call(&root.access, Method::POST, "/admin/users", body).await;
    app.log_in_with("nobody", "wrong").await;
    let (items, _) = read(&app, &root, "").await;
    let expected = ["login_failed", "user_created", "login_succeeded", "user_roles_changed", "signed_up"];
    assert_eq!(events(&items), expected);
    let id = app.get_as("/auth/user", &root.access).await.text("id");
    let expected = json!({
        "id": items[1]["id"], "at": "2027-01-15T08:00:05Z", "event": "user_created",
        "actor": {"type": "user", "id": id, "name": "root"},
        "subject": {"id": made.text("id"), "name": "alice"},
        "detail": "user", "ip": "127.0.0.1", "request_id": made.header("x-request-id"),
    });
    assert_eq!(items[1], expected);
    assert_eq!(items[0]["subject"], json!(null));
    assert_eq!(items[0]["actor"], json!({"type": "anonymous", "id": null, "name": null}));
}

#[actix_rt::test]
async fn the_trail_comes_in_pages_without_gap_or_repetition() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    for name in ["alice", "bobby", "carol", "david"] {
        app.sign_up(name).await;
    }
    let all = read(&app, &root, "limit=100").await.0;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (items, next) = read(&app, &root, &format!("limit=3&cursor={cursor}")).await;
        assert!(items.len() <= 3);
        seen.extend(items);
        cursor = next;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, all);
    assert_eq!(seen.len(), 7);
    for (query, field) in [
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("event=%00", "event"),
        ("actor=a%20b", "actor"),
        ("event=a&event=b", "query"),
    ] {
        let reply = app.get_as(&format!("/admin/audit?{query}"), &root.access).await;
        assert_eq!(reply.faulty_fields(), [field]);
    }
}

#[actix_rt::test]
async fn the_trail_is_narrowed_to_an_event_an_actor_or_a_subject() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    let alice = app.user("alice").await;
    let id = app.get_as("/auth/user", &alice.access).await.text("id");
    let mine = app.get_as("/auth/user", &root.access).await.text("id");
    app.call(&root.access, Method::PATCH, &format!("/admin/users/{id}"), json!({"is_active": false})).await;
    app.log_in_with("alice", PASSWORD).await;
    app.log_in_with("nobody", PASSWORD).await;
    for (query, expected) in [
        ("event=login_failed".to_owned(), &["login_failed", "login_failed"][..]),
        (format!("subject={id}"), &["login_failed", "user_deactivated", "login_succeeded", "signed_up"]),
        (format!("actor={mine}"), &["user_deactivated", "login_succeeded", "signed_up"]),
        (format!("actor={mine}&subject={id}"), &["user_deactivated"]),
        (format!("event=login_failed&subject={id}"), &["login_failed"]),
        ("event=nothing".to_owned(), &[]),
        ("event=&actor=&subject=&limit=1".to_owned(), &["login_failed"]),
    ] {
        assert_eq!(events(&read(&app, &root, &query).await.0), expected, "{query}");
    }
}

#[actix_rt::test]
async fn no_event_is_changed_or_deleted_by_anybody() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    let id = trail(&app).await[0].id.clone();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let reply = app.call(&root.access, method.clone(), "/admin/audit", json!({})).await;
        reply.assert_problem(405, "method_not_allowed");
        let reply = app.call(&root.access, method, &format!("/admin/audit/{id}"), json!({})).await;
        reply.assert_problem(404, "not_found");
    }
    assert_eq!(trail(&app).await.len(), 3);
}

#[actix_rt::test]
async fn the_command_line_tells_the_latest_events_newest_last() {
    let app = TestApp::spawn().await;
    let root = app.admin("root").await;
    app.clock.advance(Duration::from_secs(1));
    app.log_in_with("root", "wrong").await;
    let printed = async |arguments: &[&str]| {
        let output = app.command_line(&[&["audit"][..], arguments].concat(), "").await;
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let (mut items, _) = read(&app, &root, "limit=100").await;
    items.reverse();
    let json = printed(&["--json"]).await;
    let mut lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.retain(|item| !item["event"].as_str().unwrap().starts_with("key_"));
    assert_eq!(lines, items, "the same as over HTTP");
    let text = printed(&["--limit", "1"]).await;
    let (id, request) =
        (items[3]["subject"]["id"].as_str().unwrap(), items[3]["request_id"].as_str().unwrap());
    let line = "2027-01-15T08:00:01Z login_failed by anonymous on";
    assert_eq!(text, format!("{line} {id} root from 127.0.0.1 request {request}\n"));
    for limit in ["0", "-1", "x", "1000001"] {
        assert_eq!(
            app.command_line(&["audit", "--limit", limit], "").await.status.code(),
            Some(2),
            "{limit}"
        );
    }
}

#[actix_rt::test]
async fn the_command_line_tells_more_events_than_it_reads_at_once() {
    use auth_server::audit::{Event, Recorder};
    let app = TestApp::spawn().await;
    let recorder = Recorder::command_line(app.clock.now_ms() + 1000);
    let many = move |c: &mut _| {
        (0..2500).try_for_each(|n| {
            let detail = n.to_string();
            Ok::<_, auth_server::error::ApiError>(recorder.write(
                c,
                Event::LoginFailed,
                None,
                Some(&detail),
            )?)
        })
    };
    app.state.store.transaction(many).await.unwrap();
    for (limit, first) in [
        ("1", 2499),
        ("999", 1501),
        ("1000", 1500),
        ("1001", 1499),
        ("2000", 500),
        ("2001", 499),
        ("2500", 0),
    ] {
        let output = app.command_line(&["audit", "--limit", limit, "--json"], "").await;
        let text = String::from_utf8(output.stdout).unwrap();
        let detail = |line: &str| {
            let event: Value = serde_json::from_str(line).unwrap();
            event["detail"].as_str().unwrap().parse::<usize>().unwrap()
        };
        let told: Vec<usize> = text.lines().map(detail).collect();
        assert_eq!(told, (first..2500).collect::<Vec<_>>(), "{limit}");
    }
}
