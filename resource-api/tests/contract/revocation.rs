//! How soon resource-api refuses what auth-server has revoked, by whatever way.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use auth_server::{
    accounts::{
        Change, Roles,
        changes::{self, Wanted},
    },
    audit::Actor,
    error::ApiError,
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use shared_service::{database::DbConnection, request::RequestOrigin};

use crate::system::{Login, PASSWORD, Setup, System};

const TTL: Duration = Duration::from_secs(2);
/// A verifier's copy is due after the ttl, and it fetches at most once a second; the rest is the network.
const SEEN_WITHIN: Duration = Duration::from_secs(3);

fn setup() -> Setup {
    Setup { auth_settings: vec![("AUTH__STATUS_LIST__TTL", "2s")], ..Setup::default() }
}

/// Revokes, and waits until the session's token is refused, while another session of the same user and one of another
/// user go on, or only the latter.
async fn revoked_by(what: &str, spares_other_sessions: bool, revoke: impl AsyncFnOnce(&System, &Login)) {
    let system = System::with_users(setup(), &["alice", "bob"]).await;
    let (session, other) = (system.login("alice").await, system.login("alice").await);
    let bob = system.login("bob").await;
    let mut good = vec![bob.access_token.as_str()];
    if spares_other_sessions {
        good.push(&other.access_token);
    }
    for token in [&session.access_token, &other.access_token, &bob.access_token] {
        assert_eq!(system.protected(token).await, 200);
    }
    revoke(&system, &session).await;
    let took = system.time_until_refused(&session.access_token, &good).await;
    println!("{what}: refused after {:.2} s", took.as_secs_f64());
    assert!(took <= SEEN_WITHIN, "{what}: {took:?}");
    if !spares_other_sessions {
        assert_eq!(system.protected(&other.access_token).await, 401, "{what}: the other session");
    }
}

/// What an administrator does to alice, in the one transaction that it is done in.
async fn update(system: &System, wanted: Wanted) {
    let state = &system.auth[0].state;
    let change = Change::new(state, Actor::Server, RequestOrigin::default());
    let work = move |c: &mut DbConnection| {
        let user = auth_server::store::users::find_by_name(c, "alice")?.unwrap().user;
        Ok::<_, ApiError>(changes::update(c, &user.id, &wanted, &change)?)
    };
    state.store.transaction(work).await.unwrap();
}

#[actix_rt::test]
async fn a_logout_is_seen_within_the_ttl_and_a_second() {
    revoked_by("logout", true, async |system, session| {
        system.logout(0, session).await;
    })
    .await;
}

#[actix_rt::test]
async fn a_logout_by_bearer_token_is_seen_within_the_ttl_and_a_second() {
    revoked_by("logout by bearer", true, async |system, session| {
        system.send(Method::POST, "/auth/logout", Some(&session.access_token), Value::Null).await;
    })
    .await;
}

#[actix_rt::test]
async fn a_replay_is_seen_within_the_ttl_and_a_second() {
    let settings = vec![("AUTH__STATUS_LIST__TTL", "2s"), ("AUTH__SESSIONS__REFRESH_GRACE", "0s")];
    let system = System::with_alice(Setup { auth_settings: settings, ..Setup::default() }).await;
    let (session, other) = (system.login("alice").await, system.login("alice").await);
    let refreshed = system.refresh(&session.refresh_token).await;
    for token in [&session.access_token, &refreshed.access_token, &other.access_token] {
        assert_eq!(system.protected(token).await, 200);
    }
    let replay = reqwest::Client::new()
        .post(format!("{}/auth/refresh", system.auth[0].url))
        .json(&json!({ "refresh_token": session.refresh_token }));
    assert_eq!(replay.send().await.unwrap().status(), 401);
    let took = system.time_until_refused(&refreshed.access_token, &[&other.access_token]).await;
    println!("replay: refused after {:.2} s", took.as_secs_f64());
    assert!(took <= SEEN_WITHIN, "{took:?}");
    assert_eq!(system.protected(&session.access_token).await, 401, "the session's earlier token too");
}

#[actix_rt::test]
async fn a_logout_everywhere_is_seen_within_the_ttl_and_a_second() {
    revoked_by("logout-all", false, async |system, session| {
        system.send(Method::POST, "/auth/logout-all", Some(&session.access_token), Value::Null).await;
    })
    .await;
}

#[actix_rt::test]
async fn an_ended_session_is_seen_within_the_ttl_and_a_second() {
    revoked_by("ended session", true, async |system, session| {
        let list = system.send(Method::GET, "/auth/sessions", Some(&session.access_token), Value::Null).await;
        let list: Value = list.json().await.unwrap();
        let items = list["items"].as_array().unwrap();
        let id = items.iter().find(|it| it["current"] == true).unwrap()["id"].as_str().unwrap();
        let path = format!("/auth/sessions/{id}");
        system.send(Method::DELETE, &path, Some(&session.access_token), Value::Null).await;
    })
    .await;
}

#[actix_rt::test]
async fn a_new_password_ends_the_other_sessions_within_the_ttl_and_a_second() {
    let system = System::with_alice(setup()).await;
    let (mine, other) = (system.login("alice").await, system.login("alice").await);
    for token in [&mine.access_token, &other.access_token] {
        assert_eq!(system.protected(token).await, 200);
    }
    let body = json!({ "current_password": PASSWORD, "new_password": "another horse battery" });
    system.send(Method::PUT, "/auth/user/password", Some(&mine.access_token), body).await;
    let took = system.time_until_refused(&other.access_token, &[&mine.access_token]).await;
    println!("password change: refused after {:.2} s", took.as_secs_f64());
    assert!(took <= SEEN_WITHIN, "{took:?}");
}

#[actix_rt::test]
async fn a_deactivation_is_seen_within_the_ttl_and_a_second() {
    revoked_by("deactivation", false, async |system, _| {
        update(system, Wanted::active(false)).await;
    })
    .await;
}

#[actix_rt::test]
async fn a_change_of_roles_is_seen_within_the_ttl_and_a_second() {
    revoked_by("role change", false, async |system, session| {
        let roles = Roles::parse(["admin".to_owned(), "user".to_owned()]).unwrap();
        update(system, Wanted::roles(roles)).await;
        // The session goes on with the new roles, whose token is good from the first moment on.
        let refreshed = system.refresh(&session.refresh_token).await;
        assert_eq!(system.protected(&refreshed.access_token).await, 200);
    })
    .await;
}

#[actix_rt::test]
async fn a_deleted_account_is_seen_within_the_ttl_and_a_second() {
    revoked_by("account deletion", false, async |system, session| {
        let body = json!({ "password": PASSWORD });
        system.send(Method::DELETE, "/auth/user", Some(&session.access_token), body).await;
    })
    .await;
}

#[actix_rt::test]
async fn with_revocation_off_a_logout_is_not_seen() {
    let api_settings = vec![("API__AUTH__REVOCATION", "off")];
    let system = System::with_alice(Setup { api_settings, ..setup() }).await;
    let session = system.login("alice").await;
    assert_eq!(system.protected(&session.access_token).await, 200);
    system.logout(0, &session).await;
    let end = Instant::now() + SEEN_WITHIN + Duration::from_millis(500);
    while Instant::now() < end {
        assert_eq!(system.protected(&session.access_token).await, 200);
        actix_rt::time::sleep(Duration::from_millis(100)).await;
    }
}

fn two_servers_behind_a_proxy() -> Setup {
    Setup { auth_servers: 2, has_proxy: true, ..setup() }
}

/// Some time within the ttl, chosen anew in every run: the cache, the two servers and the verifier each have a phase.
fn random_phase() -> Duration {
    Duration::from_millis(RandomState::new().hash_one(0) % u64::try_from(TTL.as_millis()).unwrap())
}

#[actix_rt::test]
async fn behind_a_cache_and_two_servers_a_logout_is_still_seen_within_the_ttl_and_a_second() {
    let names = ["alice", "bob", "carol", "dave", "witness"];
    let system = System::with_users(two_servers_behind_a_proxy(), &names).await;
    let witness = system.login("witness").await.access_token;
    // Two services share the cache, so that each gets copies which the other has fetched.
    let apis = [system.api.clone(), system.start_api()];
    let rounds = names[..4].iter().enumerate().map(|(number, name)| {
        let (system, witness, api) = (&system, &witness, &apis[number % 2]);
        async move {
            let mut slowest = Duration::ZERO;
            for round in 0..4 {
                let session = system.login(name).await;
                assert_eq!(system.ask(api, &session.access_token).await.status(), 200);
                actix_rt::time::sleep(random_phase()).await;
                system.logout((number + round) % 2, &session).await;
                slowest =
                    slowest.max(system.time_until_refused_by(api, &session.access_token, &[witness]).await);
            }
            slowest
        }
    });
    let slowest = join_all(rounds).await.into_iter().max().unwrap();
    let (hits, revalidations, fetches) = system.proxy.as_ref().unwrap().counts();
    println!(
        "16 logouts behind a cache: the slowest refused after {:.2} s; {hits} hits, {revalidations} revalidations, \
         {fetches} fetches",
        slowest.as_secs_f64()
    );
    assert!(slowest <= SEEN_WITHIN, "{slowest:?}");
    assert!(hits > 0 && fetches > 4, "the cache was a cache, and the list has changed");
}

#[actix_rt::test]
async fn no_request_waits_for_a_list_after_its_first_use() {
    let system = System::with_alice(two_servers_behind_a_proxy()).await;
    let token = system.login("alice").await.access_token;
    assert_eq!(system.protected(&token).await, 200);
    for delay in [Duration::from_millis(1_500), Duration::from_secs(8)] {
        system.proxy.as_ref().unwrap().slow_down(delay);
        let (end, mut slowest, mut requests) = (Instant::now() + 2 * TTL, Duration::ZERO, 0);
        while Instant::now() < end {
            let begin = Instant::now();
            assert_eq!(system.protected(&token).await, 200);
            slowest = slowest.max(begin.elapsed());
            requests += 1;
            actix_rt::time::sleep(Duration::from_millis(2)).await;
        }
        println!("lists take {delay:?}: the slowest of {requests} requests took {slowest:?}");
        assert!(slowest < Duration::from_millis(500), "{slowest:?}");
    }
}
