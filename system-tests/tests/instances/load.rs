//! Clients at work while something is done to the instances.

use std::{sync::atomic::AtomicBool, thread};

use crate::support::{Deployment, Ended, Worker};

const WORKERS: usize = 6;

/// The workers after `disturb`, which is done on the calling thread, and after they have held the servers to everything
/// that was acknowledged.
pub(crate) fn work_while(deployment: &mut Deployment, disturb: impl FnOnce(&mut Deployment)) -> Vec<Worker> {
    let done = AtomicBool::new(false);
    let workers: Vec<_> = (0..WORKERS).map(|number| Worker::new(number, deployment)).collect();
    let mut workers: Vec<Worker> = thread::scope(|scope| {
        let done = &done;
        let workers: Vec<_> =
            workers.into_iter().map(|worker| scope.spawn(move || worker.work_until(done))).collect();
        let ended = Ended(done);
        disturb(deployment);
        drop(ended);
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    workers.iter_mut().for_each(Worker::check_everything);
    workers
}
