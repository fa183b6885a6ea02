//! Sessions and their refresh chains.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Barrier,
    thread,
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Deployment, Login, PASSWORD, Reply, Setup};

const RACERS: usize = 16;
const MOST_ROUNDS: usize = 30;

/// Which instances have answered which kind of request.
#[derive(Default)]
struct Answered(BTreeMap<&'static str, BTreeSet<String>>);

impl Answered {
    fn by(&mut self, what: &'static str, reply: Reply) -> Reply {
        self.0.entry(what).or_default().insert(reply.instance());
        reply
    }

    fn is_by_all(&self, instances: usize) -> bool {
        self.0.values().all(|by| by.len() == instances)
    }
}

/// Seven requests, so that each kind goes to another of three instances the next time.
fn live_through_a_session(caller: &Caller, name: &str, answered: &mut Answered) {
    let credentials = json!({"username": name, "password": PASSWORD});
    answered.by("signup", caller.post("/auth/signup", None, &credentials)).expect(201);
    let login = answered.by("login", caller.post("/auth/login", None, &credentials)).expect(200);
    let login = Login::from(&login);
    let user = answered.by("user", caller.get("/auth/user", &login.access_token)).expect(200);
    assert_eq!(user["username"], name);
    let refreshed = answered.by("refresh", caller.refresh(&login.link)).expect(200);
    let refreshed = Login::from(&refreshed);
    let sessions = answered.by("list", caller.get("/auth/sessions", &refreshed.access_token)).expect(200);
    let sessions = sessions["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 1);
    let path = format!("/auth/sessions/{}", sessions[0]["id"].as_str().unwrap());
    let token = Some(refreshed.access_token.as_str());
    answered.by("end", caller.send(Method::DELETE, &path, token, &Value::Null)).expect(204);
    answered.by("refresh after the end", caller.refresh(&refreshed.link)).expect(401);
}

#[test]
fn a_session_lives_and_ends_alike_whichever_instances_answer() {
    let deployment = Deployment::start(&Setup::default());
    let (caller, mut answered) = (deployment.caller(), Answered::default());
    for round in 0..MOST_ROUNDS {
        live_through_a_session(&caller, &format!("user-{round}"), &mut answered);
        if answered.is_by_all(3) {
            return;
        }
    }
    panic!("some instance never answered: {:?}", answered.0);
}

/// What these callers get for one link at the same moment.
fn race(racers: &[Caller], link: &str, answered: &mut Answered) -> BTreeSet<String> {
    let barrier = &Barrier::new(racers.len());
    let replies: Vec<Reply> = thread::scope(|scope| {
        let racers: Vec<_> = racers
            .iter()
            .map(|caller| {
                scope.spawn(move || {
                    barrier.wait();
                    caller.refresh(link)
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    replies.into_iter().map(|reply| Login::from(&answered.by("refresh", reply).expect(200)).link).collect()
}

#[test]
fn sixteen_refreshes_of_one_link_at_three_instances_give_one_new_link_to_all() {
    let setup = Setup { refresh_grace: Duration::from_secs(5), ..Setup::default() };
    let deployment = Deployment::start(&setup);
    let (caller, mut answered) = (deployment.caller(), Answered::default());
    // Made before the grace begins: each takes a while.
    let racers: Vec<_> = (0..RACERS).map(|_| deployment.caller()).collect();
    caller.sign_up("alice");
    let first = caller.log_in("alice").link;
    let second = race(&racers, &first, &mut answered);
    assert_eq!(second.len(), 1, "one link advanced to several: {second:?}");
    let second = second.first().unwrap();
    assert_ne!(*second, first);
    // The chain has advanced once: within the grace the newest link answers with itself.
    assert_eq!(race(&racers, second, &mut answered), BTreeSet::from([second.clone()]));
    thread::sleep(Duration::from_millis(5_200));
    let third = race(&racers, second, &mut answered);
    assert_eq!(third.len(), 1, "one link advanced to several: {third:?}");
    assert!(!third.contains(second), "after the grace it advances");
    assert!(answered.is_by_all(3), "{:?}", answered.0);
}

#[test]
fn a_replayed_link_ends_the_session_at_every_instance() {
    let setup = Setup { refresh_grace: Duration::from_secs(1), ..Setup::default() };
    let deployment = Deployment::start(&setup);
    let (caller, mut answered) = (deployment.caller(), Answered::default());
    caller.sign_up("alice");
    let spared = caller.log_in("alice");
    let first = caller.log_in("alice").link;
    let second = Login::from(&caller.refresh(&first).expect(200));
    thread::sleep(Duration::from_millis(1_200));
    caller.refresh(&first).expect(401);
    for _ in 0..6 {
        answered.by("refresh", caller.refresh(&second.link)).expect(401);
    }
    for _ in 0..6 {
        answered.by("user", caller.get("/auth/user", &second.access_token)).expect(401);
    }
    assert!(answered.is_by_all(3), "{:?}", answered.0);
    caller.refresh(&spared.link).expect(200);
}
