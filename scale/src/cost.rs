//! What requests cost on the large databases and on the small ones, in turns, in one process.

use std::time::{Duration, Instant};

use anyhow::ensure;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::{
    seed::{CASUAL_READERS, Cast, ORDINARY, PASSWORD, READERS, username},
    statements::recorder,
    system::{Reply, System, Tokens},
};

/// What is thrown away at the beginning of each operation: caches are cold, statements are not prepared yet.
const WARM_UP: usize = 30;
/// In two of the operations bcrypt takes 50 ms on each side each time.
const ROUNDS: usize = 300;
/// How much more the large databases may cost, where that is promised.
const AT_MOST: f64 = 1.3;
/// The same of a timeline of somebody who follows a hundred. He looks into the index of posts a hundred times: so many places
/// of a small one are in the processor's cache, and of a large one they are not.
const AT_MOST_FOR_A_HUNDRED: f64 = 2.0;
/// Medians of a fraction of a millisecond differ by so many of them without any reason.
const NOISE: f64 = 0.3;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Timeline,
    NextPage,
    LongTimeline,
    Login,
    WrongPassword,
    Refresh,
    Profile,
    Post,
    Follow,
}

impl Operation {
    const ALL: [Self; 9] = [
        Self::Timeline,
        Self::NextPage,
        Self::LongTimeline,
        Self::Login,
        Self::WrongPassword,
        Self::Refresh,
        Self::Profile,
        Self::Post,
        Self::Follow,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Timeline => "timeline, following 20",
            Self::NextPage => "the same, second page",
            Self::LongTimeline => "timeline, following 100",
            Self::Login => "login (bcrypt cost 10)",
            Self::WrongPassword => "login, wrong password",
            Self::Refresh => "refresh",
            Self::Profile => "profile",
            Self::Post => "post",
            Self::Follow => "follow or unfollow",
        }
    }

    /// How many times as much it may cost, where that is promised.
    fn at_most(self) -> Option<f64> {
        match self {
            Self::Timeline | Self::NextPage | Self::Login => Some(AT_MOST),
            Self::LongTimeline => Some(AT_MOST_FOR_A_HUNDRED),
            Self::WrongPassword | Self::Refresh | Self::Profile | Self::Post | Self::Follow => None,
        }
    }
}

/// One system, and those who use it.
pub(crate) struct Side<'a> {
    system: &'a System,
    cast: &'a Cast,
    /// Those who follow 20.
    readers: Vec<Tokens>,
    /// Where each reader's second page begins.
    cursors: Vec<String>,
    /// Those who follow 100.
    busy_readers: Vec<Tokens>,
    /// Of sessions that were not refreshed yet.
    links: Vec<String>,
}

impl<'a> Side<'a> {
    pub(crate) async fn of(system: &'a System, cast: &'a Cast) -> anyhow::Result<Self> {
        let (readers, cursors, busy_readers) = (Vec::new(), Vec::new(), Vec::new());
        let mut side = Self { system, cast, readers, cursors, busy_readers, links: Vec::new() };
        for reader in READERS {
            side.busy_readers.push(system.log_in(reader).await?);
        }
        for reader in CASUAL_READERS {
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
            Operation::LongTimeline => {
                let token = &self.busy_readers[round % self.busy_readers.len()].access;
                (self.system.request(Method::GET, "/api/timeline").bearer_auth(token), 200)
            }
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
        faults.extend(verdict(operation, [one, many], [one_db, many_db]));
    }
    Ok((table, faults))
}

/// What costs too much: medians on the small and on the large databases, of everything and of the database alone.
fn verdict(operation: Operation, all: [f64; 2], database: [f64; 2]) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(at_most) = operation.at_most() else { return faults };
    let mut judge = |what: &str, [one, many]: [f64; 2], noise: f64| {
        if many > one * at_most && many - one > noise {
            let name = operation.name();
            faults.push(format!("{name}{what}: {many:.3} ms, more than {at_most} × {one:.3} ms"));
        }
    };
    judge("", all, 0.0);
    // bcrypt's 50 ms would hide ten times as much from the database.
    if operation == Operation::Login {
        judge(", the database's part", database, NOISE);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_costs_at_most_so_much_more() {
        assert_eq!(verdict(Operation::Timeline, [2.0, 2.5], [1.0, 9.0]).len(), 0);
        assert_eq!(verdict(Operation::NextPage, [2.0, 2.7], [1.0, 1.0]).len(), 1);
        assert_eq!(verdict(Operation::LongTimeline, [2.0, 3.9], [1.0, 9.0]).len(), 0);
        assert_eq!(verdict(Operation::LongTimeline, [2.0, 4.1], [1.0, 1.0]).len(), 1);
        assert_eq!(verdict(Operation::Profile, [1.0, 9.0], [1.0, 9.0]).len(), 0);
    }

    #[test]
    fn bcrypt_does_not_hide_what_the_database_costs_a_login() {
        assert_eq!(verdict(Operation::Login, [60.0, 61.0], [1.0, 2.0]).len(), 1);
        assert_eq!(verdict(Operation::Login, [60.0, 60.2], [0.2, 0.4]).len(), 0);
        assert_eq!(verdict(Operation::Login, [60.0, 90.0], [1.0, 31.0]).len(), 2);
    }
}
