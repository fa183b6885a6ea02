//! resource-apis ask the auth-servers, through the balancer, as a client of theirs.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Deployment, Setup};

#[test]
fn somebody_who_never_called_can_be_followed_at_every_instance() {
    let deployment = Deployment::start(&Setup::default());
    let caller = deployment.caller();
    caller.sign_up("alice");
    let alice = caller.log_in("alice").access_token;
    let mut answered = BTreeSet::new();
    for number in 0..6 {
        let name = format!("silent-{number}");
        caller.sign_up(&name);
        let path = format!("/api/users/{name}/follow");
        let reply = caller.send(Method::PUT, &path, Some(&alice), &Value::Null);
        answered.insert(reply.instance());
        reply.expect(204);
        let profile = caller.get(&format!("/api/users/{name}"), &alice).expect(200);
        assert_eq!(profile["followed_by_me"], true, "{name}");
        // One more, or every follow would go to the same instance.
        caller.get("/api/protected", &alice).expect(200);
    }
    assert_eq!(answered.len(), 2);
    let nobody = caller.send(Method::PUT, "/api/users/nobody/follow", Some(&alice), &Value::Null);
    nobody.expect(404);
}
