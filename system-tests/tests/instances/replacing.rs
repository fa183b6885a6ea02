//! A rolling restart: each instance in turn is told to stop by SIGTERM, and started again.

use std::time::Duration;

use crate::{
    load::work_while,
    support::{Deployment, Setup, Try, Worker},
};

const ROUNDS: usize = 2;
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

/// A POST that nginx has sent is lost when the instance closes its connection in this moment: nginx must not send it a
/// second time, and answers 502. That is all that may happen, and seldom.
#[test]
fn a_rolling_restart_costs_at_most_the_repetition_of_a_few_posts() {
    let auth_settings = &[("AUTH__LIMITS__ENABLED", "false")];
    let mut deployment = Deployment::start(&Setup { auth_settings, ..Setup::default() });
    let (mut restarts, mut slowest) = (0, Duration::ZERO);
    let workers = work_while(&mut deployment, |deployment: &mut Deployment| {
        for _ in 0..ROUNDS {
            for instance in deployment.instances() {
                slowest = slowest.max(instance.stop());
                instance.start_again();
                restarts += 1;
            }
        }
    });
    let tries: Vec<&Try> = workers.iter().flat_map(|worker: &Worker| &worker.tries).collect();
    let repeated: Vec<_> = tries.iter().filter(|tried| tried.is_unanswered()).collect();
    println!(
        "{restarts} restarts: {} of {} requests had to be repeated; an instance stopped within {slowest:?}",
        repeated.len(),
        tries.len()
    );
    assert!(tries.len() > 300, "too little happened to mean anything");
    let is_lost_post = |tried: &Try| tried.request.starts_with("POST ") && tried.status == Some(502);
    assert!(repeated.iter().all(|tried| is_lost_post(tried)), "{repeated:#?}");
    assert!(repeated.len() <= restarts, "{repeated:#?}");
    assert!(slowest < STOPPED_WITHIN, "{slowest:?}");
    deployment.assert_no_complaints();
}
