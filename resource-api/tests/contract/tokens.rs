//! Which tokens are accepted.

use crate::system::{Setup, System};

#[actix_rt::test]
async fn a_token_from_login_or_refresh_opens_the_protected_page() {
    let system = System::with_alice(Setup::with_fixed_clocks()).await;
    let login = system.login("alice").await;
    assert_eq!(system.protected(&login.access_token).await, 200);
    let refreshed = system.refresh(&login.refresh_token).await;
    assert_eq!(system.protected(&refreshed.access_token).await, 200);
}

#[actix_rt::test]
async fn a_token_with_any_part_changed_is_refused() {
    let system = System::with_alice(Setup::with_fixed_clocks()).await;
    let login = system.login("alice").await;
    let token = login.access_token;
    for at in (0..token.len()).step_by(7).chain([token.len() - 1]) {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(system.protected(&changed).await, 401, "changed at {at}");
    }
    let other = system.login("alice").await.access_token;
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (mine, others) = (parts(&token), parts(&other));
    assert_eq!(
        system.protected(&format!("{}.{}.{}", mine[0], mine[1], others[2])).await,
        401,
        "another's signature"
    );
    assert_eq!(system.protected(&login.refresh_token).await, 401, "a refresh token");
    assert_eq!(system.protected(&token).await, 200, "the token itself");
}

#[actix_rt::test]
async fn a_token_for_another_service_is_refused() {
    let system = System::with_alice(Setup::with_fixed_clocks()).await;
    let billing = system.login_for("alice", Some("billing")).await;
    assert_eq!(system.protected(&billing.access_token).await, 401);
    let ours = system.login_for("alice", Some("resource-api")).await;
    assert_eq!(system.protected(&ours.access_token).await, 200);
}

#[actix_rt::test]
async fn expired_and_premature_tokens_are_refused_beyond_the_leeway() {
    let system = System::with_alice(Setup::with_fixed_clocks()).await;
    let token = system.login("alice").await.access_token;
    let issued = system.setup.api_clock.now_ms();
    for (seconds, status) in [(304, 200), (306, 401), (-4, 200), (-7, 401)] {
        system.setup.api_clock.set(issued + seconds * 1000);
        assert_eq!(system.protected(&token).await, status, "{seconds} s after it was issued");
    }
}

/// A status list is no access token, although the same key has signed it.
#[actix_rt::test]
async fn a_status_list_is_refused() {
    let system = System::with_alice(Setup::default()).await;
    system.login("alice").await;
    let lists = reqwest::get(format!("{}/oauth/status-lists", system.auth[0].url)).await.unwrap();
    let lists: serde_json::Value = lists.json().await.unwrap();
    let list = reqwest::get(lists["status_lists"][0].as_str().unwrap()).await.unwrap();
    assert_eq!(list.status(), 200);
    assert_eq!(system.protected(&list.text().await.unwrap()).await, 401);
}
