use std::time::Duration;

use futures_util::future::{join, join_all};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::{PASSWORD, Reply, TestApp, Tokens};

async fn list(app: &TestApp, tokens: &Tokens) -> Vec<Value> {
    let reply = app.get_as("/auth/sessions", &tokens.access).await;
    assert_eq!((reply.status, &reply.body["next_cursor"]), (StatusCode::OK, &json!(null)), "{reply:?}");
    reply.body["items"].as_array().unwrap().clone()
}

async fn ids(app: &TestApp, tokens: &Tokens) -> Vec<String> {
    list(app, tokens).await.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn id_of(app: &TestApp, tokens: &Tokens) -> String {
    app.session(&tokens.access).await.id
}

async fn end(app: &TestApp, tokens: &Tokens, id: &str) -> Reply {
    let path = format!("/auth/sessions/{id}");
    Reply::of(app.as_user(Method::DELETE, &path, &tokens.access, &json!(null))).await
}

async fn log_out_everywhere(app: &TestApp, tokens: &Tokens) -> Reply {
    Reply::of(app.as_user(Method::POST, "/auth/logout-all", &tokens.access, &json!(null))).await
}

#[actix_rt::test]
async fn a_user_sees_where_he_is_logged_in_newest_first() {
    let app = TestApp::spawn().await;
    app.user("bobby").await;
    let first = app.user("alice").await;
    app.clock.advance(Duration::from_mins(1));
    let body = json!({"username": "alice", "password": PASSWORD});
    let phone = app.request(Method::POST, "/auth/login").header("user-agent", "a phone").json(&body);
    let second = Reply::of(phone).await.tokens();
    app.clock.advance(Duration::from_mins(1));
    let first = app.refresh(&first.refresh).await.tokens();

    let reply = app.get_as("/auth/sessions", &first.access).await;
    assert_eq!(reply.header("cache-control"), "no-store");
    let newer = json!({
        "id": id_of(&app, &second).await, "created_at": "2027-01-15T08:01:00Z", "last_used_at": "2027-01-15T08:01:00Z",
        "user_agent": "a phone", "ip": "127.0.0.1", "current": false,
    });
    let older = json!({
        "id": id_of(&app, &first).await, "created_at": "2027-01-15T08:00:00Z", "last_used_at": "2027-01-15T08:02:00Z",
        "user_agent": null, "ip": "127.0.0.1", "current": true,
    });
    assert_eq!(reply.body, json!({"items": [newer, older], "next_cursor": null}));
    let currents = |items: Vec<Value>| items.iter().map(|item| item["current"] == true).collect::<Vec<_>>();
    assert_eq!(currents(list(&app, &second).await), [true, false]);
}

#[actix_rt::test]
async fn sessions_that_live_no_more_are_not_listed_and_cannot_be_ended() {
    let caps = [("AUTH__SESSIONS__TTL", "100s"), ("AUTH__SESSIONS__IDLE_TTL", "60s")];
    let app = TestApp::spawn_with(&caps).await;
    let start = app.clock.now_ms();
    let at = |second: i64| app.clock.set(start + second * 1000);
    let (idle, ended, capped) =
        (app.user("alice").await, app.log_in("alice").await, app.log_in("alice").await);
    let [idle_id, ended_id, capped_id] =
        [id_of(&app, &idle).await, id_of(&app, &ended).await, id_of(&app, &capped).await];
    app.post("/auth/logout", json!({"refresh_token": ended.refresh})).await;
    at(50);
    let here = app.log_in("alice").await;
    let here_id = id_of(&app, &here).await;
    app.refresh(&capped.refresh).await.tokens();
    at(59);
    assert_eq!(ids(&app, &here).await, [&*here_id, &capped_id, &idle_id]);
    at(60);
    assert_eq!(ids(&app, &here).await, [&*here_id, &capped_id]);
    at(99);
    assert_eq!(ids(&app, &here).await, [&*here_id, &capped_id]);
    at(100);
    assert_eq!(ids(&app, &here).await, [&*here_id]);
    for gone in [idle_id, ended_id, capped_id] {
        end(&app, &here, &gone).await.assert_problem(404, "session_not_found");
    }
}

#[actix_rt::test]
async fn the_list_comes_in_pages_without_gap_or_repetition() {
    let app = TestApp::spawn().await;
    let here = app.user("alice").await;
    for _ in 0..4 {
        app.log_in("alice").await;
    }
    let all = ids(&app, &here).await;
    assert_eq!(all.len(), 5);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for expected in [2, 2, 1] {
        let reply = app.get_as(&format!("/auth/sessions?limit=2&cursor={cursor}"), &here.access).await;
        let items = reply.body["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), expected);
        seen.extend(items.into_iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        cursor = reply.body["next_cursor"].as_str().unwrap_or_default().to_owned();
    }
    assert_eq!((seen, cursor.as_str()), (all, ""));
    for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("cursor=nonsense", "cursor")] {
        let reply = app.get_as(&format!("/auth/sessions?{query}"), &here.access).await;
        assert_eq!(reply.faulty_fields(), [field]);
    }
}

#[actix_rt::test]
async fn a_user_ends_one_of_his_sessions_and_no_other() {
    let app = TestApp::spawn().await;
    let (here, bob) = (app.user("alice").await, app.user("bobby").await);
    let (elsewhere, third) = (app.log_in("alice").await, app.log_in("alice").await);
    let id = id_of(&app, &elsewhere).await;
    let reply = end(&app, &here, &id).await;
    assert_eq!((reply.status, &reply.body), (StatusCode::NO_CONTENT, &json!(null)));
    app.assert_ended(&elsewhere).await;
    for tokens in [&here, &third, &bob] {
        app.assert_alive(tokens).await;
    }
    end(&app, &here, &id).await.assert_problem(404, "session_not_found");
    let own = id_of(&app, &here).await;
    assert_eq!(end(&app, &here, &own.to_uppercase()).await.status, StatusCode::NO_CONTENT);
    app.assert_ended(&here).await;
    app.assert_alive(&third).await;
}

#[actix_rt::test]
async fn a_session_of_somebody_else_is_as_good_as_absent() {
    let app = TestApp::spawn().await;
    let (alice, bob) = (app.user("alice").await, app.user("bobby").await);
    let foreign = id_of(&app, &bob).await;
    let absent = end(&app, &alice, "0192f0c1-2345-7000-8000-000000000000").await;
    absent.assert_problem(404, "session_not_found");
    for id in
        [foreign.as_str(), "1", "x", "%00", "%FF", "%F0%9F%A6%80", "..%2F", "'%20OR%201=1", &"9".repeat(5000)]
    {
        let mut reply = end(&app, &alice, id).await;
        reply.assert_problem(404, "session_not_found");
        reply.body["request_id"] = absent.body["request_id"].clone();
        assert_eq!(reply.body, absent.body, "{id}");
    }
    app.assert_alive(&bob).await;
}

#[actix_rt::test]
async fn a_logout_everywhere_ends_every_session_of_the_user_this_one_too() {
    let app = TestApp::spawn().await;
    let (here, bob) = (app.user("alice").await, app.user("bobby").await);
    let others = join_all((0..3).map(|_| app.log_in("alice"))).await;
    let reply = log_out_everywhere(&app, &here).await;
    assert_eq!((reply.status, &reply.body), (StatusCode::NO_CONTENT, &json!(null)));
    for tokens in others.iter().chain([&here]) {
        app.assert_ended(tokens).await;
    }
    app.assert_alive(&bob).await;
    log_out_everywhere(&app, &here).await.assert_problem(401, "invalid_token");
    app.assert_alive(&app.log_in("alice").await).await;
}

#[actix_rt::test]
async fn of_parallel_ends_of_one_session_one_succeeds() {
    let app = TestApp::spawn().await;
    let beside = app.spawn_beside().await;
    let (here, elsewhere) = (app.user("alice").await, app.log_in("alice").await);
    let id = id_of(&app, &elsewhere).await;
    let ends = join_all((0..16).map(|n| end(if n % 2 == 0 { &app } else { &beside }, &here, &id))).await;
    let (done, absent): (Vec<_>, Vec<_>) =
        ends.into_iter().partition(|reply| reply.status == StatusCode::NO_CONTENT);
    assert_eq!((done.len(), absent.len()), (1, 15));
    for reply in absent {
        reply.assert_problem(404, "session_not_found");
    }
    app.assert_ended(&elsewhere).await;
}

#[actix_rt::test]
async fn refreshes_that_race_a_logout_everywhere_revive_nothing() {
    let app = TestApp::spawn_without_limits().await;
    let beside = app.spawn_beside().await;
    app.sign_up("alice").await;
    let sessions = join_all((0..8).map(|_| app.log_in("alice"))).await;
    let server = |n: usize| if n.is_multiple_of(2) { &app } else { &beside };
    let refreshes = join_all((0..16).map(|n| server(n / 8).refresh(&sessions[n % 8].refresh)));
    let logouts = join_all((0..4).map(|n| log_out_everywhere(server(n), &sessions[n])));
    let (refreshes, logouts) = join(refreshes, logouts).await;
    let statuses: Vec<u16> = logouts.iter().map(|reply| reply.status.as_u16()).collect();
    assert!(statuses.contains(&204) && statuses.iter().all(|status| matches!(status, 204 | 401)));
    for reply in refreshes {
        if reply.status == StatusCode::OK {
            app.assert_ended(&reply.tokens()).await;
        } else {
            reply.assert_problem(401, "invalid_refresh_token");
        }
    }
    for tokens in &sessions {
        app.assert_ended(tokens).await;
    }
}
