//! Who is who: some users have parts to play, by their number.

use std::ops::Range;

use uuid::Uuid;

use super::{
    random::{Random, uuid_at},
    size::Size,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// The first user signed up, and the first post was written, so long ago.
const USERS_SINCE: i64 = 3 * 365 * DAY_MS;

/// Administrators, too.
pub(crate) const ADMINS: Range<u64> = 0..10;
/// Followed by one in ten.
pub(crate) const CELEBRITY: u64 = 10;
/// Follows 5000, or half of all if there are fewer.
pub(crate) const COLLECTOR: u64 = 11;
/// Has deleted every one of very many posts.
pub(crate) const ERASER: u64 = 12;
/// Has 500 sessions, most of them ended. They end on the tour, and so does his account.
pub(crate) const HOARDER: u64 = 13;
/// Has as many, and still has them when the plans are looked at.
pub(crate) const KEEPER: u64 = 14;
/// Have written very much.
pub(crate) const PROLIFIC: Range<u64> = 20..40;
/// Follow 100 each.
pub(crate) const READERS: Range<u64> = 100..160;
/// Follow 100 each who have written nothing for long.
pub(crate) const DORMANT_READERS: Range<u64> = 160..180;
/// Follow 20 each.
pub(crate) const CASUAL_READERS: Range<u64> = 400..460;
/// Have no part, and an account at resource-api.
pub(crate) const ORDINARY: Range<u64> = 200..400;

/// Every user of a size, at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cast {
    pub(crate) size: Size,
    /// Now, in Unix milliseconds.
    pub(crate) now_ms: i64,
}

impl Cast {
    pub(crate) fn new(size: Size, now_ms: i64) -> Self {
        Self { size, now_ms }
    }

    pub(crate) fn now(&self) -> i64 {
        self.now_ms / 1000
    }

    /// When a user signed up. Unix milliseconds.
    pub(crate) fn signed_up(&self, user: u64) -> i64 {
        let since = USERS_SINCE - DAY_MS;
        self.now_ms - USERS_SINCE + since / i64_of(self.size.users) * i64_of(user)
    }

    pub(crate) fn id(&self, user: u64) -> Uuid {
        let mut random = Random::new(self.size.seed ^ user.rotate_left(17), "user");
        uuid_at(self.signed_up(user), &mut random)
    }

    /// When one of `count` things was done that are spread evenly over the last `days`. Unix milliseconds.
    pub(crate) fn spread(&self, nth: u64, count: u64, days: i64) -> i64 {
        let all = i128::from(days * DAY_MS - 60_000);
        let until = all * i128::from(nth) / i128::from(count.max(1));
        self.now_ms - days * DAY_MS + i64::try_from(until).unwrap_or_default()
    }

    /// Some have written nothing for long.
    pub(crate) fn dormant(&self) -> Range<u64> {
        self.size.users / 2..self.size.users / 2 + self.size.users / 8
    }

    /// Those who have called resource-api; the others signed up lately.
    pub(crate) fn seen(&self) -> Range<u64> {
        0..self.size.users - self.size.users / 20
    }

    /// How many others a user follows.
    pub(crate) fn followed_by(&self, user: u64) -> u64 {
        match user {
            COLLECTOR => 5000.min(self.size.users / 2),
            _ if READERS.contains(&user) || DORMANT_READERS.contains(&user) => 100,
            _ if CASUAL_READERS.contains(&user) => 20,
            _ => self.size.follows,
        }
    }
}

/// The name that a user chose.
pub(crate) fn username(user: u64) -> String {
    format!("User{user:07}")
}

/// The same in lower case.
pub(crate) fn username_key(user: u64) -> String {
    format!("user{user:07}")
}

pub(crate) fn i64_of(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
