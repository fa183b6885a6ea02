//! Guesses are counted together, whichever instance they are made at.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Deployment, Setup};

/// Five are free, and a slow machine may let a wait of a second or two pass; three instances that counted each for
/// itself would let fifteen be made.
const AT_MOST: usize = 8;

#[test]
fn guesses_at_three_instances_count_as_guesses_at_one() {
    let deployment = Deployment::start(&Setup::default());
    let caller = deployment.caller();
    let (guesser, owner) = (caller.at_address([127, 0, 2, 1]), caller.at_address([127, 0, 2, 2]));
    caller.sign_up("alice");
    let wrong = json!({"username": "alice", "password": "a guess"});
    let (mut made, mut made_at, mut refused_by) = (0, BTreeSet::new(), BTreeSet::new());
    let begin = Instant::now();
    while refused_by.len() < 3 {
        assert!(begin.elapsed() < Duration::from_secs(30), "refused by {refused_by:?} alone");
        let reply = guesser.post("/auth/login", None, &wrong);
        match reply.status {
            401 => {
                made += 1;
                made_at.insert(reply.instance());
            }
            status => {
                assert_eq!(status, 429, "{}", reply.body);
                assert!(reply.retry_after().is_some());
                refused_by.insert(reply.instance());
            }
        }
        assert!(made <= AT_MOST, "{made} guesses were let be made");
    }
    assert!(made >= 5, "{made}");
    assert_eq!(made_at.len(), 3, "they were made at all instances");
    // From elsewhere the owner of the name is let in, at each instance.
    for _ in 0..3 {
        owner.log_in("alice");
    }
}
