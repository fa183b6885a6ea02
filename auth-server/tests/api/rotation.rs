//! Keys and secrets rotate under load, and nobody notices: not the verifier with an old key set, not the holder of an old
//! token or link, not the user of another instance.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use auth_server::{sessions::RefreshToken, tokens::KeyState};
use reqwest::StatusCode;
use shared_claims::{KeySet, TokenRules, UnverifiedToken};

use crate::app::TestApp;

const ROTATIONS: usize = 200;
const PUBLISH_AHEAD: i64 = 8;
/// A quarter of the time a key is published ahead.
const MAX_AGE: i64 = 2;
const ACCESS_TTL: i64 = 6;
const IDLE_TTL: i64 = 60;
const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// A key is kept for 30 s after its successor took over, which is noticed a second later: four can be retired at once,
/// beside the active and the next.
const MOST_KEYS: usize = 6;

const SETTINGS: [(&str, &str); 6] = [
    ("AUTH__KEYS__PUBLISH_AHEAD", "8s"),
    ("AUTH__KEYS__ROTATE_EVERY", "8s"),
    ("AUTH__TOKENS__ACCESS_TTL", "6s"),
    ("AUTH__STATUS_LIST__TTL", "1s"),
    ("AUTH__SESSIONS__IDLE_TTL", "1m"),
    ("AUTH__SESSIONS__REFRESH_GRACE", "2s"),
];

/// A copy of a key set that somebody may still use.
struct Copy {
    fetched_at_ms: i64,
    keys: KeySet,
}

struct Observer {
    apps: [TestApp; 2],
    rules: TokenRules,
    copies: VecDeque<Copy>,
    tokens: VecDeque<(i64, String)>,
    links: Vec<String>,
    patient_link: String,
    patient_since: i64,
    kids: HashSet<String>,
    secrets: HashSet<[u8; 8]>,
}

impl Observer {
    async fn new() -> Self {
        let first = TestApp::spawn_with(&SETTINGS).await;
        let second = first.spawn_beside_with(&SETTINGS).await;
        let mut links = Vec::new();
        first.sign_up("alice").await;
        for _ in 0..4 {
            links.push(first.log_in("alice").await.refresh);
        }
        let rules = TokenRules::new(first.state.config.issuer.as_str(), "resource-api");
        Self {
            rules: rules.clock(first.clock.clone()).leeway(Duration::ZERO),
            patient_since: first.clock.now_secs(),
            patient_link: links.pop().unwrap(),
            apps: [first, second],
            copies: VecDeque::new(),
            tokens: VecDeque::new(),
            links,
            kids: HashSet::new(),
            secrets: HashSet::new(),
        }
    }

    fn now_ms(&self) -> i64 {
        self.apps[0].clock.now_ms()
    }

    /// Uses both servers as clients do, and `late` as services do, before it reads the folder again: at the last moment
    /// that its timer allows.
    async fn step(&mut self, late: usize) {
        self.apps[0].clock.advance(HALF_A_SECOND);
        self.fetch(late).await;
        self.check_old_tokens();
        for server in 0..2 {
            let turn = usize::try_from(self.now_ms() / 500).unwrap() + server;
            self.refresh(server, turn % self.links.len()).await;
        }
        self.refresh_patiently(late).await;
        self.reread(late).await;
    }

    async fn reread(&self, server: usize) {
        let keys = self.apps[server].state.keys.clone();
        actix_web::web::block(move || keys.reread()).await.unwrap().unwrap();
    }

    async fn fetch(&mut self, server: usize) {
        let reply = self.apps[server].get("/.well-known/jwks.json").await;
        assert_eq!(reply.header("cache-control"), format!("public, max-age={MAX_AGE}"));
        let count = reply.body["keys"].as_array().unwrap().len();
        assert!((2..=MOST_KEYS).contains(&count), "{count} keys are published");
        let keys = KeySet::from_jwks(reply.body.to_string().as_bytes()).unwrap();
        let now_ms = self.now_ms();
        self.copies.push_back(Copy { fetched_at_ms: now_ms, keys });
        while self.copies.front().is_some_and(|copy| copy.fetched_at_ms < now_ms - MAX_AGE * 1000) {
            self.copies.pop_front();
        }
    }

    fn verifies(&self, token: &str, keys: &KeySet) -> bool {
        let token = UnverifiedToken::parse(token).unwrap();
        keys.get(token.kid()).is_some_and(|key| token.verify(key, &self.rules).is_ok())
    }

    /// Whoever fetches the set now can check every token that has not expired.
    fn check_old_tokens(&mut self) {
        let now_ms = self.now_ms();
        while self.tokens.front().is_some_and(|(at, _)| at / 1000 + ACCESS_TTL <= now_ms / 1000) {
            self.tokens.pop_front();
        }
        let newest = self.copies.back().unwrap();
        for (at, token) in &self.tokens {
            assert!(self.verifies(token, &newest.keys), "a token of {at} is unknown at {now_ms}");
        }
    }

    /// A link exchanged at one server; whoever fetched the set within its max-age can check the token.
    async fn refresh(&mut self, server: usize, session: usize) {
        let reply = self.apps[server].refresh(&self.links[session]).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?} at {}", self.now_ms());
        let tokens = reply.tokens();
        let now_ms = self.now_ms();
        for copy in &self.copies {
            let age = now_ms - copy.fetched_at_ms;
            assert!(self.verifies(&tokens.access, &copy.keys), "a set of {age} ms cannot check a new token");
        }
        self.kids.insert(UnverifiedToken::parse(&tokens.access).unwrap().kid().to_owned());
        self.secrets.insert(RefreshToken::parse(&tokens.refresh).unwrap().secret_id());
        self.tokens.push_back((now_ms, tokens.access));
        self.links[session] = tokens.refresh;
    }

    /// One session is used as seldom as it may be: its link is as old as a good link can be.
    async fn refresh_patiently(&mut self, server: usize) {
        let now = self.now_ms() / 1000;
        if now - self.patient_since < IDLE_TTL - 1 {
            return;
        }
        let reply = self.apps[server].refresh(&self.patient_link).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?} after {} s", now - self.patient_since);
        self.patient_link = reply.tokens().refresh;
        self.patient_since = now;
    }

    fn files(&self, extension: &str) -> usize {
        let folder = self.apps[0].place.folder.path().join("keys").read_dir().unwrap();
        folder
            .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == extension))
            .count()
    }
}

#[actix_rt::test]
async fn two_hundred_rotations_by_two_servers_refuse_no_good_token_and_no_good_link() {
    let mut observer = Observer::new().await;
    let most_steps = ROTATIONS * usize::try_from(2 * (PUBLISH_AHEAD + 2)).unwrap();
    let mut steps = 0;
    while observer.kids.len() <= ROTATIONS {
        observer.step(steps % 2).await;
        steps += 1;
        assert!(steps < most_steps, "only {} keys have signed", observer.kids.len());
    }
    observer.reread(0).await;
    observer.reread(1).await;
    assert!(observer.secrets.len() > ROTATIONS - 2, "{} secrets were used", observer.secrets.len());
    assert!(observer.files("pem") <= MOST_KEYS, "{} keys are kept", observer.files("pem"));
    // 72 s after its successor took over, a secret goes.
    assert!(observer.files("secret") <= 12, "{} secrets are kept", observer.files("secret"));
    let now = observer.now_ms() / 1000;
    for app in &observer.apps {
        let states: Vec<_> = app.state.keys.ring().keys(now).map(|(_, state)| state).collect();
        assert!(states.ends_with(&[KeyState::Active, KeyState::Next]), "{states:?}");
    }
}
