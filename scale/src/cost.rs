//! What requests cost on the large databases and on the small ones, in turns, in one process.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::{
    seed::{Cast, ORDINARY, PASSWORD, READERS, username},
    statements::recorder,
    system::{Reply, System, Tokens},
};

/// What is thrown away at the beginning of each operation: caches are cold, statements are not prepared yet.
const WARM_UP: usize = 30;
/// In two of the operations bcrypt takes 50 ms on each side each time.
const ROUNDS: usize = 300;
/// How much more the large databases may cost, where that is promised.
const AT_MOST: f64 = 1.3;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Timeline,
    NextPage,
    Login,
    WrongPassword,
    Refresh,
    Profile,
    Post,
    Follow,
}

impl Operation {
    const ALL: [Self; 8] = [
        Self::Timeline,
        Self::NextPage,
        Self::Login,
        Self::WrongPassword,
        Self::Refresh,
        Self::Profile,
        Self::Post,
        Self::Follow,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Timeline => "timeline of 100 followed",
            Self::NextPage => "the same, second page",
            Self::Login => "login (bcrypt cost 10)",
            Self::WrongPassword => "login, wrong password",
            Self::Refresh => "refresh",
            Self::Profile => "profile",
            Self::Post => "post",
            Self::Follow => "follow or unfollow",
        }
    }

    /// Whether it is promised to cost no more than [`AT_MOST`] times as much.
    fn is_promised(self) -> bool {
        matches!(self, Self::Timeline | Self::NextPage | Self::Login)
    }
}

/// One system, and those who use it.
pub(crate) struct Side<'a> {
    system: &'a System,
    cast: &'a Cast,
    readers: Vec<Tokens>,
    /// Where each reader's second page begins.
    cursors: Vec<String>,
    /// Of sessions that were not refreshed yet.
    links: Vec<String>,
}

impl<'a> Side<'a> {
    pub(crate) async fn of(system: &'a System, cast: &'a Cast) -> anyhow::Result<Self> {
        let mut side = Self { system, cast, readers: Vec::new(), cursors: Vec::new(), links: Vec::new() };
        for reader in READERS {
            let tokens = system.log_in(reader).await?;
            let request = system.request(Method::GET, "/api/timeline").bearer_auth(&tokens.access);
            side.cursors.push(Reply::of(request).await?.text("next_cursor")?);
            side.readers.push(tokens);
        }
        Ok(side)
    }

    /// The request of one round, and the status that it must be answered with.
    fn request(&mut self, operation: Operation, round: usize) -> (RequestBuilder, u16) {
        let nth = round % self.readers.len();
        let token = self.readers[nth].access.clone();
        let get = |path: String| self.system.request(Method::GET, &path).bearer_auth(&token);
        let someone =
            username(ORDINARY.start + u64::try_from(round).unwrap_or(0) % (ORDINARY.end - ORDINARY.start));
        // Nobody is to wait because he has tried too often.
        let stranger = username(
            self.cast.size.users / 2 + u64::try_from(round).unwrap_or(0) % (self.cast.size.users / 4),
        );
        let login = |name: &str, password: &str| {
            let body = json!({ "username": name, "password": password });
            self.system.request(Method::POST, "/auth/login").json(&body)
        };
        match operation {
            Operation::Timeline => (get("/api/timeline".into()), 200),
            Operation::NextPage => (get(format!("/api/timeline?cursor={}", self.cursors[nth])), 200),
            Operation::Login => (login(&someone, PASSWORD), 200),
            Operation::WrongPassword => (login(&stranger, "wrong horse battery"), 401),
            Operation::Refresh => {
                let body = json!({ "refresh_token": self.links.pop() });
                (self.system.request(Method::POST, "/auth/refresh").json(&body), 200)
            }
            Operation::Profile => (get(format!("/api/users/{someone}")), 200),
            Operation::Post => {
                let post = json!({ "content": format!("one of many, {round}") });
                (self.system.request(Method::POST, "/api/posts").bearer_auth(&token).json(&post), 201)
            }
            Operation::Follow => {
                let method =
                    if (round / self.readers.len()).is_multiple_of(2) { Method::PUT } else { Method::DELETE };
                let path = format!("/api/users/{}/follow", username(ORDINARY.start + 50));
                (self.system.request(method, &path).bearer_auth(&token), 204)
            }
        }
    }

    /// Does it once: how long it took, and how much of that the database.
    async fn run(&mut self, operation: Operation, round: usize) -> anyhow::Result<[Duration; 2]> {
        let (request, expected) = self.request(operation, round);
        recorder::take_time();
        let began = Instant::now();
        let reply = Reply::of(request).await?;
        let took = [began.elapsed(), recorder::take_time()];
        ensure!(reply.status == expected, "{}: {reply:?}", operation.name());
        if operation == Operation::Login {
            self.links.push(reply.tokens()?.refresh);
        }
        Ok(took)
    }
}

/// Times of one kind, in milliseconds.
#[derive(Debug, Default)]
struct Times(Vec<f64>);

impl Times {
    fn add(&mut self, took: Duration) {
        self.0.push(took.as_secs_f64() * 1000.0);
    }

    /// The time that this part of all are below, in percent.
    fn percentile(&mut self, percent: usize) -> f64 {
        self.0.sort_unstable_by(f64::total_cmp);
        self.0.get(self.0.len() * percent / 100).copied().unwrap_or_default()
    }
}

/// Measures everything on both sides. A table, and what costs too much.
pub(crate) async fn compare(
    mut small: Side<'_>,
    mut large: Side<'_>,
) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let mut table = vec![format!(
        "{:<26} {:>9} {:>9} {:>6} {:>9} {:>9} {:>9} {:>9} {:>6}",
        "medians in ms", "small", "large", "ratio", "p95 small", "p95 large", "db small", "db large", "ratio"
    )];
    let mut faults = Vec::new();
    for operation in Operation::ALL {
        let mut times: [[Times; 2]; 2] = Default::default();
        for round in 0..WARM_UP + ROUNDS {
            // In turns, and in turns who is first.
            for side in [round % 2, 1 - round % 2] {
                let of = if side == 0 { &mut small } else { &mut large };
                let took = of.run(operation, round).await?;
                for (times, took) in times[side].iter_mut().zip(took).filter(|_| round >= WARM_UP) {
                    times.add(took);
                }
            }
        }
        let [[small_all, small_db], [large_all, large_db]] = &mut times;
        let [one, many] = [small_all.percentile(50), large_all.percentile(50)];
        let [one_db, many_db] = [small_db.percentile(50), large_db.percentile(50)];
        table.push(format!(
            "{:<26} {one:>9.3} {many:>9.3} {:>6.2} {:>9.3} {:>9.3} {one_db:>9.3} {many_db:>9.3} {:>6.2}",
            operation.name(),
            many / one,
            small_all.percentile(95),
            large_all.percentile(95),
            many_db / one_db
        ));
        if operation.is_promised() && many > one * AT_MOST {
            faults.push(format!("{}: {many:.3} ms, more than {AT_MOST} × {one:.3} ms", operation.name()));
        }
    }
    Ok((table, faults))
}
