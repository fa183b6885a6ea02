//! Passwords: what they may be, and hashing them on threads of its own.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use tokio::sync::oneshot;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

const MIN_CHARACTERS: usize = 8;
/// bcrypt looks at 72 bytes and cuts the rest silently, so more is refused.
const MAX_BYTES: usize = 72;
const MIN_SCORE: zxcvbn::Score = zxcvbn::Score::Two;
/// Logins that may wait for a hashing thread, each. At cost 12 the last of them waits about three seconds.
const QUEUE_PER_THREAD: usize = 16;

/// A password in Unicode NFC that bcrypt takes whole: at most 72 bytes, no U+0000. `Debug` hides it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Password {
    /// What is said of one that [`Password::is_weak`].
    pub const TOO_EASY: &str = "is too easy to guess; use several unrelated words";

    /// A password given at login. `None` when nobody can have it.
    pub fn given(text: &str) -> Option<Self> {
        let normalised = Zeroizing::new(text.nfc().collect::<String>());
        let fits = normalised.len() <= MAX_BYTES && !normalised.contains('\0');
        fits.then_some(Self(normalised))
    }

    /// A password to be set. The error says what would do.
    pub fn chosen(text: &str) -> Result<Self, &'static str> {
        let password = Self::given(text).ok_or("must be at most 72 bytes of UTF-8, without U+0000")?;
        if password.0.chars().count() < MIN_CHARACTERS {
            return Err("must have at least 8 characters");
        }
        Ok(password)
    }

    /// Whether it is too easy to guess for somebody who knows `about_the_user`. Takes up to half a second.
    pub fn is_weak(&self, about_the_user: &[&str]) -> bool {
        zxcvbn::zxcvbn(&self.0, about_the_user).score() < MIN_SCORE
    }

    /// Hashes on the calling thread, for the command line.
    pub fn hash(&self, cost: u32) -> anyhow::Result<String> {
        Ok(bcrypt::hash(self.0.as_bytes(), cost)?)
    }
}

/// Every thread is busy and the queue is full.
#[derive(Debug, thiserror::Error)]
#[error("the password hashing queue is full")]
pub struct QueueFull;

type Job = Box<dyn FnOnce() + Send>;

/// The hashing threads: one per core, with a bounded queue. The threads end with the last clone.
#[derive(Debug, Clone)]
pub struct Hasher {
    queue: SyncSender<Job>,
    costs: Arc<Costs>,
    in_flight: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Costs {
    /// What new hashes get.
    current: u32,
    /// The highest seen. Refusals take as long as a hash of this cost, whoever they are for.
    highest: AtomicU32,
}

impl Hasher {
    /// Starts the threads. New hashes get `cost`; `highest_hash` is one of the highest cost there is among users.
    pub fn start(cost: u32, highest_hash: Option<&str>) -> std::io::Result<Self> {
        let highest = highest_hash.and_then(cost_of).unwrap_or(0).max(cost);
        let threads = thread::available_parallelism()?.get();
        let (queue, jobs) = sync_channel(threads * QUEUE_PER_THREAD);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads {
            let jobs = jobs.clone();
            thread::Builder::new().name(format!("bcrypt-{number}")).spawn(move || work(&jobs))?;
        }
        Ok(Self {
            queue,
            costs: Arc::new(Costs { current: cost, highest: AtomicU32::new(highest) }),
            in_flight: Arc::default(),
        })
    }

    /// How many passwords are being hashed or wait for it.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Whether a hash has another cost than new ones get.
    pub fn is_outdated(&self, hash: &str) -> bool {
        cost_of(hash) != Some(self.costs.current)
    }

    /// Hashes a password.
    pub async fn hash(&self, password: Password) -> Result<anyhow::Result<String>, QueueFull> {
        let cost = self.costs.current;
        self.run(move || password.hash(cost)).await
    }

    /// Hashes a password that was chosen by somebody of whom this is known. `None` when it is too easy to guess.
    pub async fn hash_chosen(
        &self,
        password: Password,
        about_the_user: Vec<String>,
    ) -> Result<Option<anyhow::Result<String>>, QueueFull> {
        let cost = self.costs.current;
        self.run(move || {
            let known: Vec<&str> = about_the_user.iter().map(String::as_str).collect();
            (!password.is_weak(&known)).then(|| password.hash(cost))
        })
        .await
    }

    /// Whether `password` is the one behind `hash`, and its user `may_log_in`. Every refusal takes the same time: it
    /// does not tell whether the user exists, the password was right, or how old the hash is.
    pub async fn verify(
        &self,
        password: Option<Password>,
        hash: Option<String>,
        may_log_in: bool,
    ) -> Result<bool, QueueFull> {
        let costs = self.costs.clone();
        self.run(move || verify(&costs, password.as_ref(), hash.as_deref(), may_log_in)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, QueueFull> {
        let (answer, outcome) = oneshot::channel();
        let counted = Counted::new(&self.in_flight);
        let job = move || {
            // Nobody waits any more when the client has gone.
            let done = (!answer.is_closed()).then(work);
            drop(counted);
            done.map(|done| answer.send(done));
        };
        self.queue.try_send(Box::new(job)).map_err(|_| QueueFull)?;
        outcome.await.map_err(|_| QueueFull)
    }
}

/// Counts as one for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)).is_err() {
            log::error!("a hashing job panicked");
        }
    }
}

fn verify(costs: &Costs, password: Option<&Password>, hash: Option<&str>, may_log_in: bool) -> bool {
    let cost = hash.and_then(cost_of);
    let highest = costs.highest.fetch_max(cost.unwrap_or(0), Ordering::Relaxed).max(cost.unwrap_or(0));
    if let (Some(password), Some(hash)) = (password, hash)
        && bcrypt::verify(password.0.as_bytes(), hash).unwrap_or(false)
        && may_log_in
    {
        return true;
    }
    // 2^c + 2^c + 2^(c+1) + … + 2^(h-1) = 2^h: what was spent above is filled up to one hash of the highest cost.
    match cost.filter(|_| password.is_some()) {
        Some(spent) => (spent..highest).for_each(spend),
        None => spend(highest),
    }
    false
}

/// Takes the time of one hash.
fn spend(cost: u32) {
    std::hint::black_box(bcrypt::bcrypt(cost, [0; 16], b"nobody has this password"));
}

/// The cost in `$2b$12$…`.
fn cost_of(hash: &str) -> Option<u32> {
    hash.split('$').nth(2)?.parse().ok().filter(|cost| (4..=31).contains(cost))
}

#[cfg(test)]
#[path = "password_tests.rs"]
mod tests;
