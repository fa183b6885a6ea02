//! The rows of resource-api.

use std::collections::BTreeSet;

use shared_service::database::DbConnection;

use super::{
    cast::{CELEBRITY, Cast, DORMANT_READERS, ERASER, PROLIFIC, READERS, i64_of, username, username_key},
    random::{Random, uuid_at},
    rows::Rows,
};

/// Posts were written over so long. Who is dormant wrote in the first part of it.
pub(super) const DAYS: i64 = 730;
const DORMANT_PART: u64 = 10;
const WORDS: [&str; 12] = [
    "morning",
    "coffee",
    "the train was late again",
    "a walk by the river",
    "who has seen my keys",
    "reading",
    "it rains",
    "two more days",
    "on my way",
    "that film",
    "at last",
    "bread and butter",
];

/// Fills every table.
pub(super) fn fill(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let accounts = accounts(connection, cast)?;
    let follows = follows(connection, cast)?;
    Ok(accounts + follows + posts(connection, cast)?)
}

/// The names of half of them were confirmed just now, those of the others long ago.
fn accounts(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let columns = "sub,username,username_key,named_at,confirmed_at";
    let mut rows = Rows::into(connection, "accounts", columns, cast.seen().end);
    for user in cast.seen() {
        let (sub, name, key) = (cast.id(user), username(user), username_key(user));
        let named = cast.signed_up(user) / 1000 + 60;
        let confirmed = if user % 2 == 0 { cast.now() } else { named };
        rows.add(format_args!("'{sub}','{name}','{key}',{named},{confirmed}"))?;
    }
    rows.finish()
}

fn follows(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let mut random = Random::new(cast.size.seed, "follows");
    let expected = cast.seen().end * cast.size.follows + cast.size.users / 10;
    let mut rows = Rows::into(connection, "follows", "id,follower_sub,followee_sub,created_at", expected);
    let mut at = cast.now_ms - DAYS * 24 * 60 * 60 * 1000;
    for follower in cast.seen() {
        let sub = cast.id(follower);
        for followee in followed(cast, follower, &mut random) {
            at += 1 + i64_of(random.below(10_000));
            let (id, followee) = (uuid_at(at, &mut random), cast.id(followee));
            rows.add(format_args!("'{id}','{sub}','{followee}',{at}"))?;
        }
    }
    rows.finish()
}

/// Whom a user follows: a third of them those who write most.
fn followed(cast: &Cast, follower: u64, random: &mut Random) -> BTreeSet<u64> {
    let mut chosen = BTreeSet::new();
    let wanted = usize::try_from(cast.followed_by(follower)).unwrap_or(0);
    let (seen, dormant) = (cast.seen().end, cast.dormant());
    for nth in 0.. {
        if chosen.len() >= wanted {
            break;
        }
        let someone = if DORMANT_READERS.contains(&follower) {
            dormant.start + random.below(dormant.end - dormant.start)
        } else if READERS.contains(&follower) && nth < 10 {
            [PROLIFIC.start + random.below(20), dormant.start + nth][usize::from(nth % 2 == 0)]
        } else if nth % 6 == 0 && wanted < 100 {
            PROLIFIC.start + random.below(20)
        } else {
            random.below(seen)
        };
        if someone != follower {
            chosen.insert(someone);
        }
    }
    if random.per_mille(105) && follower != CELEBRITY {
        chosen.insert(CELEBRITY);
    }
    if READERS.contains(&follower) {
        chosen.insert(ERASER);
    }
    chosen
}

fn posts(connection: &mut DbConnection, cast: &Cast) -> anyhow::Result<u64> {
    let mut random = Random::new(cast.size.seed, "posts");
    let mut rows =
        Rows::into(connection, "posts", "id,author_sub,content,created_at,deleted_at", cast.size.posts);
    for nth in 0..cast.size.posts {
        let at = cast.spread(nth, cast.size.posts, DAYS);
        let author = author(cast, nth, &mut random);
        let (id, sub) = (uuid_at(at, &mut random), cast.id(author));
        let is_deleted = author == ERASER || random.per_mille(30);
        let deleted = if is_deleted { format!("{}", at + 1000) } else { "NULL".into() };
        let word = |random: &mut Random| WORDS[usize::try_from(random.below(12)).unwrap_or(0)];
        let (one, two, three) = (word(&mut random), word(&mut random), word(&mut random));
        rows.add(format_args!("'{id}','{sub}','{one}, {two}, {three} {nth}',{at},{deleted}"))?;
    }
    rows.finish()
}

/// Twenty have written a fifth of all, one has written and deleted a hundredth; some have not written for long.
fn author(cast: &Cast, nth: u64, random: &mut Random) -> u64 {
    let (seen, dormant) = (cast.seen().end, cast.dormant());
    match random.below(1000) {
        0..200 => PROLIFIC.start + random.below(PROLIFIC.end - PROLIFIC.start),
        200..210 => ERASER,
        _ => {
            let author = random.below(seen);
            let is_late = nth > cast.size.posts / DORMANT_PART;
            if is_late && dormant.contains(&author) {
                dormant.end + (author - dormant.start) % 100
            } else {
                author
            }
        }
    }
}
