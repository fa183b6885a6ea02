//! What resource-api does while auth-server is away, and when it is back.

use std::time::{Duration, Instant};

use crate::system::{Setup, System};

#[actix_rt::test]
async fn when_auth_server_is_gone_good_tokens_stay_good() {
    let system = System::with_alice(Setup::with_fixed_clocks()).await;
    let token = system.login("alice").await.access_token;
    assert_eq!(system.protected(&token).await, 200);
    // Never shown to resource-api before; its key and its list are known all the same.
    let unseen = system.login("alice").await.access_token;
    system.stop_auth().await;
    for _ in 0..20 {
        assert_eq!(system.protected(&token).await, 200);
        assert_eq!(system.protected(&unseen).await, 200);
    }
    assert_eq!(system.protected("nonsense").await, 401);
    // To the end of their lives, by both clocks: the list outlasts every token.
    system.setup.api_clock.advance(Duration::from_millis(303_900));
    assert_eq!(system.protected(&token).await, 200);
    system.setup.api_clock.advance(Duration::from_millis(1_200));
    assert_eq!(system.protected(&token).await, 401, "expired, rather than not to be told");
}

/// In real time: every background refresh fails, and nobody notices until the tokens have run out.
#[actix_rt::test]
async fn through_an_outage_tokens_are_good_until_they_expire_and_revoked_ones_stay_revoked() {
    let auth_settings = vec![("AUTH__TOKENS__ACCESS_TTL", "6s"), ("AUTH__STATUS_LIST__TTL", "1s")];
    let api_settings = vec![("API__AUTH__LEEWAY", "1s")];
    let system = System::with_alice(Setup { auth_settings, api_settings, ..Setup::default() }).await;
    let revoked = system.login("alice").await;
    assert_eq!(system.protected(&revoked.access_token).await, 200);
    system.logout(0, &revoked).await;
    system.time_until_refused(&revoked.access_token, &[]).await;
    let (token, begin) = (system.login("alice").await.access_token, Instant::now());
    system.stop_auth().await;
    let mut last_accepted = begin;
    loop {
        assert_eq!(system.protected(&revoked.access_token).await, 401, "an outage forgets no revocation");
        match system.protected(&token).await {
            200 => last_accepted = Instant::now(),
            status => {
                assert_eq!(status, 401, "a token whose list is at hand is never a matter of luck");
                break;
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "it never expires");
        actix_rt::time::sleep(Duration::from_millis(20)).await;
    }
    let lived = last_accepted - begin;
    assert!(lived > Duration::from_millis(5_800), "{lived:?}");
}

#[actix_rt::test]
async fn a_cold_resource_api_says_come_back_and_recovers_with_auth_server() {
    let mut system = System::with_alice(Setup::default()).await;
    let token = system.login("alice").await.access_token;
    system.stop_auth().await;
    let cold = system.start_api();
    for _ in 0..10 {
        let answer = system.ask(&cold, &token).await;
        assert_eq!(answer.status(), 503);
        let retry_after = answer.headers()["retry-after"].to_str().unwrap();
        assert!(retry_after.parse::<u32>().unwrap() >= 1, "{retry_after}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "keys_unavailable");
        actix_rt::time::sleep(Duration::from_millis(150)).await;
    }
    system.restart_auth();
    let begin = Instant::now();
    while system.ask(&cold, &token).await.status() != 200 {
        assert!(begin.elapsed() < Duration::from_secs(10), "it does not recover");
        actix_rt::time::sleep(Duration::from_millis(20)).await;
    }
    println!("recovered after {:.2} s", begin.elapsed().as_secs_f64());
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
}

/// Keys without a list: resource-api had a token of auth-server before, but none that names a list.
#[actix_rt::test]
async fn without_the_list_the_answer_is_come_back_and_with_it_a_logout_during_the_outage_is_seen() {
    let mut system = System::with_alice(Setup::default()).await;
    let session = system.login("alice").await;
    let cold = system.start_api();
    let ready = reqwest::get(format!("{cold}/health/ready")).await.unwrap();
    assert_eq!(ready.status(), 200, "it has the keys now");
    system.stop_auth().await;
    assert_eq!(system.ask(&cold, &session.access_token).await.status(), 503);
    system.restart_auth();
    system.logout(0, &session).await;
    let begin = Instant::now();
    loop {
        match system.ask(&cold, &session.access_token).await.status().as_u16() {
            503 => assert!(begin.elapsed() < Duration::from_secs(10), "it does not recover"),
            status => break assert_eq!(status, 401, "the first list it gets has the logout"),
        }
        actix_rt::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_rt::test]
async fn a_new_signing_key_is_known_before_it_signs() {
    let setup =
        Setup { auth_settings: vec![("AUTH__KEYS__ROTATE_EVERY", "2m")], ..Setup::with_fixed_clocks() };
    let system = System::with_alice(setup).await;
    let before = system.login("alice").await.access_token;
    assert_eq!(system.protected(&before).await, 200);
    // The next key's time has come; resource-api has had it in its set since the first fetch.
    let two_minutes = Duration::from_mins(2);
    system.setup.auth_clock.advance(two_minutes);
    system.setup.api_clock.advance(two_minutes);
    let after = system.login("alice").await.access_token;
    let header = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(header(&before), header(&after));
    system.stop_auth().await;
    assert_eq!(system.protected(&after).await, 200);
    assert_eq!(system.protected(&before).await, 200);
}
