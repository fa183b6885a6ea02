//! Two servers that share their keys and rotate them as fast as settings allow, and the verifiers of two services.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use shared_claims::{UnverifiedToken, Verifier};

use crate::server::Server;

const ISSUER: &str = "http://auth.test";
/// A second less than an access token's lifetime: its last moment is not what this is about.
const GOOD_FOR: Duration = Duration::from_secs(4);
const AS_LONG: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_mins(1);

/// With less than 4 s the max-age, which is told in whole seconds, would be more than a quarter of it.
const SETTINGS: [(&str, &str); 5] = [
    ("AUTH__ISSUER", ISSUER),
    ("AUTH__KEYS__PUBLISH_AHEAD", "4s"),
    ("AUTH__KEYS__ROTATE_EVERY", "4s"),
    ("AUTH__TOKENS__ACCESS_TTL", "5s"),
    ("AUTH__STATUS_LIST__TTL", "1s"),
];

async fn post(http: &reqwest::Client, url: String, body: Value) -> Value {
    let reply = http.post(&url).json(&body).send().await.unwrap();
    assert!(reply.status().is_success(), "{url}: {}", reply.status());
    reply.json().await.unwrap()
}

#[test]
fn no_service_refuses_a_good_token_while_two_servers_rotate_their_keys() {
    let first = Server::start(&SETTINGS);
    let servers = [first.start_beside(), first];
    let working = use_tokens(servers.each_ref().map(Server::url));
    actix_rt::System::new().block_on(working);
    for server in &servers {
        let log = server.log();
        assert!(!log.contains("ERROR") && !log.contains("panicked"), "{log}");
    }
}

/// Refreshes through both servers in turn, and shows the newest and the oldest good tokens to both services.
async fn use_tokens(servers: [String; 2]) {
    let verifiers = servers
        .each_ref()
        .map(|server| Verifier::builder(ISSUER, "resource-api").internal_url(server).build().unwrap());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let alice = json!({"username": "alice", "password": "correct horse battery"});
    post(&http, format!("{}/auth/signup", servers[0]), alice.clone()).await;
    let login = post(&http, format!("{}/auth/login", servers[0]), alice).await;
    let mut link = login["refresh_token"].clone();

    let (mut tokens, mut kids) = (VecDeque::new(), HashSet::new());
    let start = Instant::now();
    while start.elapsed() < AS_LONG || kids.len() < 3 {
        assert!(start.elapsed() < TIMEOUT, "only {} keys have signed", kids.len());
        for server in &servers {
            let asked = Instant::now();
            let url = format!("{server}/auth/refresh");
            let mut refreshed = post(&http, url, json!({"refresh_token": link})).await;
            link = refreshed["refresh_token"].take();
            let token = refreshed["access_token"].as_str().unwrap().to_owned();
            kids.insert(UnverifiedToken::parse(&token).unwrap().kid().to_owned());
            tokens.push_back((asked, token));
        }
        while tokens.front().is_some_and(|(asked, _)| asked.elapsed() > GOOD_FOR) {
            tokens.pop_front();
        }
        for verifier in &verifiers {
            for (asked, token) in tokens.iter().rev().take(2).chain(tokens.front()) {
                let verified = verifier.verify(token).await;
                assert!(verified.is_ok(), "{:?} after {:?}", verified.err(), asked.elapsed());
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
