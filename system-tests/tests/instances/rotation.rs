//! A rotation of keys at one instance.

use std::{
    collections::{BTreeMap, VecDeque},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::support::{Deployment, Login, Setup, deployment::ADMIN};

const PUBLISH_AHEAD: Duration = Duration::from_secs(4);
/// A time in a file's name is in whole seconds, and every instance looks at the folder each second; the rest is a busy
/// machine's.
const CHANGED_WITHIN: Duration = Duration::from_secs(8);

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[test]
fn a_rotation_at_one_instance_reaches_all_and_no_good_token_is_refused_meanwhile() {
    let auth_settings = &[("AUTH__KEYS__PUBLISH_AHEAD", "4s"), ("AUTH__LIMITS__ENABLED", "false")];
    let deployment = Deployment::start(&Setup { auth_settings, ..Setup::default() });
    let caller = deployment.caller();
    let admin = caller.log_in(ADMIN);
    let old = kid(&admin.access_token);
    let mut link = admin.link;
    let begin = Instant::now();
    caller.post("/admin/keys/rotate", Some(&admin.access_token), &Value::Null).expect(200);

    let mut changed: BTreeMap<String, Duration> = BTreeMap::new();
    let mut tokens = VecDeque::from([admin.access_token]);
    while changed.len() < 3 || begin.elapsed() < CHANGED_WITHIN {
        assert!(begin.elapsed() < 2 * CHANGED_WITHIN, "only {changed:?} use the new key");
        let asked = begin.elapsed();
        let reply = caller.refresh(&link);
        let (instance, login) = (reply.instance(), Login::from(&reply.expect(200)));
        if kid(&login.access_token) == old {
            assert!(!changed.contains_key(&instance), "it went back to the old key");
        } else {
            changed.entry(instance).or_insert(asked);
        }
        link = login.link;
        tokens.push_back(login.access_token);
        // The newest and the oldest, at both services and, one by one, at each auth-server.
        for token in [tokens.front(), tokens.back()].into_iter().flatten() {
            for path in ["/api/protected", "/api/protected", "/auth/user"] {
                let reply = caller.get(path, token);
                assert_eq!(
                    reply.status,
                    200,
                    "{path} of {} after {asked:?}: {}",
                    reply.instance(),
                    reply.body
                );
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    println!("the new key was used, by instance: {changed:?}");
    let (first, last) = (changed.values().min().unwrap(), changed.values().max().unwrap());
    assert!(*first + Duration::from_secs(1) > PUBLISH_AHEAD, "it signed after {first:?}");
    assert!(*last < CHANGED_WITHIN, "an instance used it only after {last:?}");
}
