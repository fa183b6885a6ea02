//! A logout, seen by every resource-api whichever auth-server it was told to and whichever serves the status list.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use crate::support::{Caller, Deployment, Setup};

/// The ttl of status lists and a second, which is the least time between two fetches.
const SEEN_WITHIN: Duration = Duration::from_secs(2);
const WATCHED_FOR: Duration = Duration::from_secs(4);

#[test]
fn a_logout_at_any_instance_is_seen_by_every_service_in_time_and_for_good() {
    let deployment = Deployment::start(&Setup::default());
    let caller = deployment.caller();
    caller.sign_up("alice");
    let other = caller.log_in("alice");
    let mut slowest = Duration::ZERO;
    for told in &deployment.auth {
        let session = caller.log_in("alice");
        for _ in 0..4 {
            caller.get("/api/protected", &session.access_token).expect(200);
        }
        Caller::new(told.url(), String::new()).log_out(&session.link).expect(204);
        let begin = Instant::now();
        let mut refused_by: BTreeMap<String, Duration> = BTreeMap::new();
        while begin.elapsed() < WATCHED_FOR {
            let asked = begin.elapsed();
            let reply = caller.get("/api/protected", &session.access_token);
            match reply.status {
                401 => drop(refused_by.entry(reply.instance()).or_insert(asked)),
                status => {
                    assert_eq!(status, 200);
                    assert!(!refused_by.contains_key(&reply.instance()), "refused, then accepted again");
                    assert!(asked <= SEEN_WITHIN, "{} accepts it after {asked:?}", reply.instance());
                }
            }
            caller.get("/api/protected", &other.access_token).expect(200);
            caller.get("/api/protected", &other.access_token).expect(200);
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(refused_by.len(), 2, "both services were asked");
        slowest = slowest.max(refused_by.into_values().max().unwrap());
    }
    println!("a logout was seen by both resource-apis after {slowest:?} at the latest");
}
