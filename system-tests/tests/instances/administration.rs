//! What administrators do and read: the audit trail, the last administrator, secrets of services.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Deployment, PASSWORD, Reply, Setup, deployment::ADMIN};

const ACTORS: usize = 8;
const ROUNDS: usize = 3;
const LIMITS_OFF: &[(&str, &str)] = &[("AUTH__LIMITS__ENABLED", "false")];

/// The whole trail, page by page.
fn trail(caller: &Caller, token: &str) -> Vec<Value> {
    let (mut events, mut cursor) = (Vec::new(), String::new());
    loop {
        let mut page = caller.get(&format!("/admin/audit?limit=50{cursor}"), token).expect(200);
        events.append(page["items"].as_array_mut().unwrap());
        let Some(next) = page["next_cursor"].as_str() else { return events };
        cursor = format!("&cursor={next}");
    }
}

/// Each actor from an address of its own.
#[test]
fn every_acknowledged_action_stands_once_in_the_trail_whichever_instances_did_it() {
    let deployment = Deployment::start(&Setup { auth_settings: LIMITS_OFF, ..Setup::default() });
    let caller = deployment.caller();
    let act = |actor: usize| {
        let caller = caller.at_address([127, 0, 1, u8::try_from(actor).unwrap()]);
        for round in 0..ROUNDS {
            let name = format!("actor-{actor}-{round}");
            caller.sign_up(&name);
            let link = caller.log_in(&name).link;
            caller.post("/auth/login", None, &json!({"username": name, "password": "wrong"})).expect(401);
            let link = caller.refresh(&link).expect(200)["refresh_token"].as_str().unwrap().to_owned();
            caller.log_out(&link).expect(204);
            // It has ended already: nothing is done, and nothing told.
            caller.log_out(&link).expect(204);
        }
    };
    thread::scope(|scope| (0..ACTORS).for_each(|actor| drop(scope.spawn(move || act(actor)))));

    let admin = caller.log_in(ADMIN);
    let mut told: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for event in trail(&caller, &admin.access_token) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = (text(&event["subject"]["name"]), text(&event["ip"]));
        told.entry(key).or_default().push(text(&event["event"]));
    }
    for actor in 0..ACTORS {
        for round in 0..ROUNDS {
            let key = (format!("actor-{actor}-{round}"), format!("127.0.1.{actor}"));
            let mut events = told.remove(&key).unwrap_or_else(|| panic!("nothing is told of {key:?}"));
            events.reverse();
            assert_eq!(events, ["signed_up", "login_succeeded", "login_failed", "logged_out"], "{key:?}");
        }
    }
    assert!(told.keys().all(|(name, _)| !name.starts_with("actor-")), "{told:?}");
}

/// The id of a new administrator, and a token of his.
fn administrator(caller: &Caller, root: &str, name: &str) -> (String, String) {
    let user = json!({"username": name, "password": PASSWORD, "roles": ["admin", "user"]});
    let made = caller.post("/admin/users", Some(root), &user).expect(201);
    (made["id"].as_str().unwrap().to_owned(), caller.log_in(name).access_token)
}

#[test]
fn two_administrators_who_switch_each_other_off_at_different_instances_leave_one() {
    let deployment = Deployment::start(&Setup { auth_settings: LIMITS_OFF, ..Setup::default() });
    let caller = deployment.caller();
    let root = caller.log_in(ADMIN).access_token;
    let root_id = caller.get("/auth/user", &root).expect(200)["id"].as_str().unwrap().to_owned();
    let off = |caller: &Caller, id: &str, token: &str| {
        let change = json!({"is_active": false});
        caller.send(Method::PATCH, &format!("/admin/users/{id}"), Some(token), &change)
    };
    let (mut last_id, mut last_token) = (root_id, root);
    let mut apart = 0;
    for round in 0..10 {
        let (id, token) = administrator(&caller, &last_token, &format!("admin-{round}"));
        let barrier = Barrier::new(2);
        let at_once = |id: &str, token: &str| {
            let caller = deployment.caller();
            barrier.wait();
            off(&caller, id, token)
        };
        let (one, other): (Reply, Reply) = thread::scope(|scope| {
            let one = scope.spawn(|| at_once(&id, &last_token));
            let other = scope.spawn(|| at_once(&last_id, &token));
            (one.join().unwrap(), other.join().unwrap())
        });
        apart += usize::from(one.instance() != other.instance());
        match (one.status, other.status) {
            (200, 401 | 409) => {}
            (401 | 409, 200) => (last_id, last_token) = (id, token),
            both => panic!("{both:?} in round {round}: {} {}", one.body, other.body),
        }
        let left = off(&caller, &last_id, &last_token).expect(409);
        assert_eq!(left["code"], "last_admin");
    }
    assert!(apart > 5, "hardly ever did they meet different instances");
}

/// The statuses of asking for a token with this secret, until every instance has been asked.
fn tried_everywhere(caller: &Caller, id: &str, secret: &str) -> BTreeSet<u16> {
    let (mut statuses, mut instances) = (BTreeSet::new(), BTreeSet::new());
    let begin = Instant::now();
    while instances.len() < 3 {
        assert!(begin.elapsed() < Duration::from_secs(30), "answered by {instances:?} alone");
        let reply = caller.ask_for_token(id, secret);
        statuses.insert(reply.status);
        instances.insert(reply.instance());
    }
    statuses
}

#[test]
fn a_secret_that_is_replaced_at_one_instance_is_replaced_at_all() {
    let deployment = Deployment::start(&Setup::default());
    let caller = deployment.caller();
    let admin = caller.log_in(ADMIN).access_token;
    let client = json!({"name": "billing", "scopes": ["posts:read"]});
    let made = caller.post("/admin/clients", Some(&admin), &client).expect(201);
    let (id, old) = (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    assert_eq!(tried_everywhere(&caller, id, old), BTreeSet::from([200]));

    let secrets = format!("/admin/clients/{id}/secret");
    let made = caller.post(&secrets, Some(&admin), &Value::Null).expect(200);
    let new = made["client_secret"].as_str().unwrap();
    assert_eq!(tried_everywhere(&caller, id, old), BTreeSet::from([200]));
    assert_eq!(tried_everywhere(&caller, id, new), BTreeSet::from([200]));

    caller.send(Method::DELETE, &secrets, Some(&admin), &Value::Null).expect(204);
    assert_eq!(tried_everywhere(&caller, id, old), BTreeSet::from([401]));
    assert_eq!(tried_everywhere(&caller, id, new), BTreeSet::from([200]));
}
