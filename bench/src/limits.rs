//! What the servers are measured against: the parts of a request that no server can leave out, each alone.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use rustix::time::{ClockId, clock_gettime};

use crate::{
    Options,
    database::Asker,
    http::Request,
    load::{self, Client},
    machine,
    process::{Process, free_port, tethered},
    world::{CLIENTS, World},
};

/// About what header and claims of a user's access token take.
const SIGNED_BYTES: usize = 700;

/// One part of a request's cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    /// An endpoint of actix-web that answers a fixed text.
    Bare,
    /// A signature with RSA-2048, the key parsed once.
    Sign,
    /// A check of one, the key parsed once.
    Verify,
    /// A password's hash.
    Bcrypt,
    /// One row read by its key.
    Read,
    /// One row changed by its key, and the change durable.
    Update,
    /// One row added, durably.
    Insert,
}

impl Part {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Sign => "RSA sign",
            Self::Verify => "RSA verify",
            Self::Bcrypt => "bcrypt",
            Self::Read => "read",
            Self::Update => "update",
            Self::Insert => "insert",
        }
    }
}

/// How often something can be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speed {
    /// In a second of processor time.
    pub(crate) per_cpu_second: f64,
    /// In a second, by as many as do it at once.
    pub(crate) per_second: f64,
}

/// Everything that the parts are measured with.
pub(crate) struct Limits {
    bare: Process,
    clients: Vec<Client>,
    key: KeyPair,
    public: ParsedPublicKey,
    message: Vec<u8>,
    signature: Vec<u8>,
    bcrypt_cost: u32,
    askers: Vec<Asker>,
}

impl Limits {
    pub(crate) fn prepare(options: &Options, world: &World) -> Result<Self> {
        let port = free_port()?;
        let mut command = tethered(&std::env::current_exe()?);
        command.args(["bare", &port.to_string()]);
        let message = vec![b'e'; SIGNED_BYTES];
        let key = KeyPair::generate(KeySize::Rsa2048)?;
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
        Ok(Self {
            bare: Process::start(command, port, "/")?,
            clients: load::same(CLIENTS, &Request::get("/"), 200),
            public: public.map_err(|rejected| anyhow!("the public key: {rejected}"))?,
            signature: sign(&key, &message)?,
            key,
            message,
            bcrypt_cost: options.bcrypt_cost,
            askers: world.databases.askers()?,
        })
    }

    /// Does nothing else for this time: on all cores, as the servers may.
    pub(crate) fn measure(&mut self, part: Part, time: Duration) -> Result<Speed> {
        let Self { key, public, message, signature, bcrypt_cost, .. } = self;
        let mut threads = vec![(); machine::cores()];
        match part {
            Part::Bare => {
                let slice = load::run(&self.bare, &mut self.clients, time)?;
                Ok(Speed::of(slice.requests(), slice.cpu, slice.elapsed))
            }
            Part::Sign => on_threads(&mut threads, time, |()| sign(key, message).map(drop)),
            Part::Verify => on_threads(&mut threads, time, |()| Ok(public.verify_sig(message, signature)?)),
            Part::Bcrypt => on_threads(&mut threads, time, |()| {
                std::hint::black_box(bcrypt::bcrypt(*bcrypt_cost, [0; 16], b"nobody has this password"));
                Ok(())
            }),
            Part::Read => on_threads(&mut self.askers, time, Asker::read),
            Part::Update => on_threads(&mut self.askers, time, Asker::update),
            Part::Insert => on_threads(&mut self.askers, time, Asker::insert),
        }
    }
}

fn sign(key: &KeyPair, message: &[u8]) -> Result<Vec<u8>> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
    Ok(signature)
}

impl Speed {
    fn of(done: usize, cpu: Duration, elapsed: Duration) -> Self {
        Self { per_cpu_second: rate(done, cpu), per_second: rate(done, elapsed) }
    }
}

/// How many in a second. Less time than can be told apart counts as that.
pub(crate) fn rate(done: usize, time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
    let done = done as f64;
    done / time.max(Duration::from_micros(1)).as_secs_f64()
}

/// Lets every worker do its work again and again on a thread of its own.
fn on_threads<W: Send>(
    workers: &mut [W],
    time: Duration,
    work: impl Fn(&mut W) -> Result<()> + Sync,
) -> Result<Speed> {
    let started = Instant::now();
    let repeat = |worker: &mut W| -> Result<(usize, Duration)> {
        let (before, mut done) = (thread_cpu(), 0);
        while done == 0 || started.elapsed() < time {
            work(worker)?;
            done += 1;
        }
        Ok((done, thread_cpu().saturating_sub(before)))
    };
    let repeat = &repeat;
    let each = std::thread::scope(|scope| {
        let threads: Vec<_> = workers.iter_mut().map(|worker| scope.spawn(move || repeat(worker))).collect();
        let joined =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("panicked"))));
        joined.collect::<Result<Vec<_>>>()
    })?;
    let (done, cpu) = each.iter().fold((0, Duration::ZERO), |(d, c), (done, cpu)| (d + done, c + *cpu));
    Ok(Speed::of(done, cpu, started.elapsed()))
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_of_all_threads_is_added_up() {
        let (mut workers, started) = ([0, 0], Instant::now());
        let speed = on_threads(&mut workers, Duration::from_millis(200), |done| {
            std::thread::sleep(Duration::from_millis(5));
            *done += 1;
            Ok(())
        });
        let (speed, took) = (speed.unwrap(), started.elapsed());
        assert!(workers.iter().all(|done| *done > 1), "{workers:?}");
        assert!(speed.per_second >= rate(workers.iter().sum(), took), "{workers:?} {speed:?}");
        // Each sleeps for 5 ms at least.
        assert!(speed.per_second <= 400.0, "{speed:?}");
        // To sleep takes no processor time.
        assert!(speed.per_cpu_second > 2.0 * speed.per_second, "{speed:?}");
    }

    #[test]
    fn an_error_on_a_thread_ends_the_measurement() {
        let failed = on_threads(&mut [1, 0], Duration::from_mins(1), |worker| {
            anyhow::ensure!(*worker == 0, "no");
            *worker = 1;
            Ok(())
        });
        assert!(failed.is_err());
    }
}
