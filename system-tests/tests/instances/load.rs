//! Clients at work while something is done to the instances.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use crate::support::{Caller, Deployment, Worker};

const WORKERS: usize = 6;

/// The workers after `disturb`, which is done on the calling thread, and after they have held the servers to everything
/// that was acknowledged.
pub(crate) fn work_while(deployment: &mut Deployment, disturb: impl FnOnce(&mut Deployment)) -> Vec<Worker> {
    let done = AtomicBool::new(false);
    let work = |number: usize, caller: Caller| {
        let mut worker = Worker::new(number, caller);
        while !done.load(Ordering::Relaxed) {
            worker.live_a_while();
        }
        worker
    };
    let callers: Vec<_> = (0..WORKERS).map(|_| deployment.caller()).collect();
    let mut workers: Vec<Worker> = thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = callers
            .into_iter()
            .enumerate()
            .map(|(number, caller)| scope.spawn(move || work(number, caller)))
            .collect();
        // Also when it fails: the workers are waited for.
        let ended = Ended(&done);
        disturb(deployment);
        drop(ended);
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    workers.iter_mut().for_each(Worker::check_everything);
    workers
}

struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
