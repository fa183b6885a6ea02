//! Status lists over HTTP: which tokens they call revoked, and how fresh they are.

use std::{
    io::{Read, Write},
    time::Duration,
};

use auth_server::{
    error::ApiError,
    store::{schema::status_counter, sessions, statuses::LIST_SIZE},
    tokens::Narrowing,
};
use diesel::prelude::*;
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared_service::database::DbConnection;

use crate::{
    app::{CONTRACT, GRACE, Reply, START, TestApp},
    published_list::{claims_of, place_of},
};

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[actix_rt::test]
async fn a_session_has_one_place_in_a_list_of_the_issuer_and_no_other_session_has_it() {
    let app = TestApp::spawn().await;
    let first = app.user("alice").await;
    let (uri, idx) = place_of(&first.access);
    let number: i64 = uri.strip_prefix(&format!("{}/oauth/status-lists/", app.url)).unwrap().parse().unwrap();
    assert!(number > 1_700_000_000 && i64::try_from(idx).unwrap() < LIST_SIZE, "{uri} {idx}");

    let refreshed = app.refresh(&first.refresh).await.tokens();
    app.clock.advance(seconds(GRACE));
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "first-party"),
        ("refresh_token", refreshed.refresh.as_str()),
    ];
    let by_oauth = Reply::of(app.request(Method::POST, "/oauth/token").form(&form)).await.tokens();
    for tokens in [&refreshed, &by_oauth] {
        assert_eq!(place_of(&tokens.access), (uri.clone(), idx));
    }
    assert_ne!(place_of(&app.log_in("alice").await.access), (uri, idx));
}

#[actix_rt::test]
async fn what_ends_one_session_sets_its_bit_and_no_other() {
    let app = TestApp::spawn().await;
    let (bob, alice) = (app.user("bobby").await, app.user("alice").await);
    assert_eq!(app.list_of(&alice).await.size_and_set(), (1 << 17, 0));

    let by_link = app.log_in("alice").await;
    app.log_out(&by_link.refresh).await;

    let before = app.log_in("alice").await;
    let by_old_link = app.refresh(&before.refresh).await.tokens();
    app.clock.advance(seconds(GRACE));
    app.log_out(&before.refresh).await;

    let by_bearer = app.log_in("alice").await;
    let reply = Reply::of(app.request(Method::POST, "/auth/logout").bearer_auth(&by_bearer.access)).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);

    let stolen = app.log_in("alice").await;
    let replayed = app.refresh(&stolen.refresh).await.tokens();
    app.clock.advance(seconds(GRACE));
    app.refresh(&stolen.refresh).await.assert_problem(401, "invalid_refresh_token");

    app.assert_revoked(&[&by_link, &by_old_link, &by_bearer, &replayed], &[&alice, &bob]).await;
    assert_eq!(app.list_of(&alice).await.size_and_set(), (1 << 17, 4));
}

#[actix_rt::test]
async fn what_ends_nothing_sets_no_bit() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    app.log_out("unknown").await;
    let (link, other) = (&tokens.refresh, if tokens.refresh.as_bytes()[60] == b'x' { 'y' } else { 'x' });
    app.log_out(&format!("{}{other}{}", &link[..60], &link[61..])).await;
    app.refresh("unknown").await.assert_problem(401, "invalid_refresh_token");
    let roles_of_nobody = app.command_line(&["users", "set-roles", "nobody", "admin"], "").await;
    assert!(!roles_of_nobody.status.success());
    assert_eq!(app.list_of(&tokens).await.size_and_set(), (1 << 17, 0));
}

#[actix_rt::test]
async fn what_the_command_line_ends_is_revoked_too() {
    for (arguments, input) in [
        (&["users", "deactivate", "alice"][..], ""),
        (&["users", "set-password", "alice", "--password-stdin"], "another good phrase"),
    ] {
        let app = TestApp::spawn().await;
        let (bob, here) = (app.user("bobby").await, app.user("alice").await);
        let elsewhere = app.log_in("alice").await;
        app.assert_revoked(&[], &[&here, &elsewhere, &bob]).await;
        assert!(app.command_line(arguments, input).await.status.success());
        app.assert_revoked(&[&here, &elsewhere], &[&bob]).await;
    }
}

#[actix_rt::test]
async fn new_roles_revoke_the_old_tokens_and_the_next_refresh_brings_new_ones() {
    let app = TestApp::spawn().await;
    let (bob, here) = (app.user("bobby").await, app.user("alice").await);
    let elsewhere = app.log_in("alice").await;
    assert!(app.command_line(&["users", "set-roles", "alice", "admin"], "").await.status.success());
    app.assert_revoked(&[&here, &elsewhere], &[&bob]).await;
    for old in [&here, &elsewhere] {
        let new = app.refresh(&old.refresh).await.tokens();
        assert_eq!(claims_of(&new.access)["roles"], json!(["admin"]));
        assert_ne!(place_of(&new.access), place_of(&old.access));
        app.assert_revoked(&[old], &[&new]).await;
        app.log_out(&new.refresh).await;
        app.assert_revoked(&[old, &new], &[&bob]).await;
    }
}

#[actix_rt::test]
async fn a_token_that_is_signed_after_its_session_ended_is_born_revoked() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let id = app.session(&tokens.access).await.id;
    let reading = app.database(move |c| sessions::find(c, &id)).await.unwrap();
    app.log_out(&tokens.refresh).await;
    let grant = app.state.issuer.grant(&reading, &Narrowing::default()).unwrap();
    let ring = app.state.keys.ring();
    let (key, now_ms) = (ring.active(START).unwrap(), app.clock.now_ms());
    let late = app.state.issuer.user_token(key, &app.state.ids, now_ms, &grant).unwrap().token;
    assert!(app.is_revoked(&late).await);
}

#[actix_rt::test]
async fn a_list_is_signed_again_when_half_its_ttl_has_passed_and_kept_until_then() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let first = app.list_of(&tokens).await;
    let claims = &first.claims;
    assert_eq!((&claims["iat"], &claims["ttl"]), (&json!(START), &json!(5)));
    assert_eq!(claims["exp"], START + 300 + 2 * 5 + 10);
    assert_eq!(claims.as_object().unwrap().len(), 5, "{claims}");
    assert_eq!(first.header("cache-control"), "public, max-age=5");

    app.clock.advance(Duration::from_millis(2_400));
    let again = app.list_of(&tokens).await;
    assert_eq!((&again.jwt, again.header("etag")), (&first.jwt, first.header("etag")));
    assert_eq!(again.header("cache-control"), "public, max-age=2");

    app.clock.advance(Duration::from_millis(600));
    let later = app.list_of(&tokens).await;
    assert_eq!(
        (&later.claims["iat"], later.header("cache-control")),
        (&json!(START + 3), "public, max-age=5")
    );
    assert_ne!(later.header("etag"), first.header("etag"));
    assert_eq!(later.claims["status_list"], first.claims["status_list"]);
}

#[actix_rt::test]
async fn a_change_is_in_the_very_next_answer_and_dated_in_whole_seconds() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let before = app.list_of(&tokens).await;
    app.clock.advance(Duration::from_millis(900));
    app.log_out(&tokens.refresh).await;
    let after = app.list_of(&tokens).await;
    assert_ne!(after.header("etag"), before.header("etag"));
    assert_eq!((&after.claims["iat"], after.header("cache-control")), (&json!(START), "public, max-age=4"));
    app.assert_revoked(&[&tokens], &[]).await;
}

#[actix_rt::test]
async fn a_clock_that_is_set_back_makes_no_list_of_the_future() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    app.list_of(&tokens).await;
    app.clock.set((START - 60) * 1000);
    assert_eq!(app.list_of(&tokens).await.claims["iat"], START - 60);
}

#[actix_rt::test]
async fn a_list_that_a_revoked_key_has_signed_is_signed_again_at_once() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let kid = app.state.keys.ring().active(START).unwrap().kid().to_owned();
    app.list_of(&tokens).await;
    app.state.keys.revoke(&kid).unwrap();
    // Its key is found in the key set, from which the revoked one is gone.
    app.list_of(&tokens).await;
}

#[actix_rt::test]
async fn a_client_that_has_the_list_is_told_so() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let list = app.list_of(&tokens).await;
    let path = place_of(&tokens.access).0.replace(&app.url, "");
    let get = || app.request(Method::GET, &path).header("if-none-match", list.header("etag"));
    app.clock.advance(seconds(1));
    let known = Reply::of(get()).await;
    assert_eq!((known.status, known.header("etag")), (StatusCode::NOT_MODIFIED, list.header("etag")));
    assert_eq!(known.header("cache-control"), "public, max-age=4");
    app.log_out(&tokens.refresh).await;
    assert_eq!(CONTRACT.send(get()).await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn an_answer_without_a_body_has_none_on_the_wire() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let list = app.list_of(&tokens).await;
    let path = place_of(&tokens.access).0.replace(&app.url, "");
    let address = app.url.replace("http://", "");
    let asked = format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nIf-None-Match: {}\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        list.header("etag")
    );
    let both = actix_web::web::block(move || {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        connection.write_all(asked.as_bytes()).unwrap();
        let mut both = String::new();
        connection.read_to_string(&mut both).unwrap();
        both
    });
    let both = both.await.unwrap();
    let (first, second) = both.split_once("\r\n\r\n").unwrap();
    assert!(first.starts_with("HTTP/1.1 304") && !first.to_lowercase().contains("content-type"), "{first}");
    assert!(second.starts_with("HTTP/1.1 200"), "another answer follows at once: {second}");
}

#[actix_rt::test]
async fn every_server_shows_what_any_of_them_has_revoked() {
    let app = TestApp::spawn().await;
    let beside = app.spawn_beside().await;
    let tokens = app.user("alice").await;
    for server in [&app, &beside] {
        assert!(!server.is_revoked(&tokens.access).await);
    }
    beside.log_out(&tokens.refresh).await;
    for server in [&app, &beside] {
        assert!(server.is_revoked(&tokens.access).await);
    }
}

#[actix_rt::test]
async fn servers_never_give_out_a_place_twice_and_logins_together_reserve_one_block() {
    let app = TestApp::spawn_without_limits().await;
    let beside = app.spawn_beside().await;
    app.sign_up("alice").await;
    let begun: i64 =
        app.database(|c| status_counter::table.select(status_counter::next_index).first(c)).await;
    let logins = (0..16).map(|n| if n % 2 == 0 { app.log_in("alice") } else { beside.log_in("alice") });
    let mut places: Vec<_> = join_all(logins).await.iter().map(|tokens| place_of(&tokens.access)).collect();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), 16);
    let next: i64 = app.database(|c| status_counter::table.select(status_counter::next_index).first(c)).await;
    assert_eq!(next, begun + 2 * 1024, "a block for each server");
}

#[actix_rt::test]
async fn pages_of_every_origin_may_read_a_list_without_credentials() {
    let app = TestApp::spawn().await;
    let tokens = app.user("alice").await;
    let path = place_of(&tokens.access).0.replace(&app.url, "");
    let preflight = app
        .request(Method::OPTIONS, &path)
        .header("origin", "https://any.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "if-none-match");
    let get = app.request(Method::GET, &path).header("origin", "https://any.example");
    for request in [preflight, get] {
        let answer = CONTRACT.send(request).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
}

#[actix_rt::test]
async fn without_the_database_there_is_no_list_and_all_who_wait_learn_so_together() {
    let app = TestApp::spawn_with(&[("AUTH__DATABASE__POOL_SIZE", "1")]).await;
    let tokens = app.user("alice").await;
    let (uri, _) = place_of(&tokens.access);
    let (release, is_released) = std::sync::mpsc::channel::<()>();
    let (held, is_held) = tokio::sync::oneshot::channel();
    let store = app.state.store.clone();
    let holder = actix_rt::spawn(async move {
        let hold = move |_: &mut DbConnection| {
            held.send(()).unwrap();
            is_released.recv().map_err(anyhow::Error::from).map_err(ApiError::from)
        };
        store.run(hold).await
    });
    is_held.await.unwrap();

    let began = std::time::Instant::now();
    let path = uri.replace(&app.url, "");
    for reply in join_all((0..20).map(|_| Reply::of(app.request(Method::GET, &path)))).await {
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.body["error"], "temporarily_unavailable");
        assert!(reply.header("retry-after").parse::<u32>().unwrap() >= 1);
    }
    // One waits for the connection, and then one more for all the others.
    assert!(began.elapsed() < seconds(12), "{:?}", began.elapsed());
    release.send(()).unwrap();
    holder.await.unwrap().unwrap();
    assert!(!app.is_revoked(&tokens.access).await);
}
