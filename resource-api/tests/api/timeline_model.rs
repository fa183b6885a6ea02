//! The timeline against a plain model of it: everybody's posts in a map.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use resource_api::store::{
    MIGRATIONS,
    accounts::{self, SeenUser},
    follows::{self, NewFollow},
    posts::{self, Deletable, NewPost},
    timeline,
};
use shared_service::{
    database::{DbConnection, connect},
    page::Page,
};
use test_servers::Database;
use uuid::Uuid;

/// So many that a page of three has room for few of them.
const AUTHORS: usize = 12;

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Numerical Recipes' generator; its high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// The database, and what should be in it.
struct World {
    conn: DbConnection,
    dice: Dice,
    made: u128,
    /// Author and visibility by id.
    posts: BTreeMap<String, (usize, bool)>,
    follows: BTreeSet<(usize, usize)>,
}

fn sub(author: usize) -> String {
    format!("author-{author:04}")
}

impl World {
    fn new(database: &Database, dice: Dice) -> Self {
        MIGRATIONS.run(&database.parsed()).unwrap();
        let mut conn = connect(&database.parsed()).unwrap();
        for author in 0..AUTHORS {
            let seen = SeenUser { sub: sub(author), username: format!("name{author}"), seen_at: 1 };
            accounts::register(&mut conn, &seen).unwrap();
        }
        Self { conn, dice, made: 0, posts: BTreeMap::new(), follows: BTreeSet::new() }
    }

    /// A post of one of eight milliseconds, or a newer one than all.
    fn publish(&mut self, author: usize, newest: bool) {
        self.made += 1;
        let millis = if newest { 9 } else { u128::try_from(self.dice.roll(8)).unwrap() };
        let chance = u128::try_from(self.dice.roll(1 << 30)).unwrap();
        let id = Uuid::from_u128(millis << 80 | 7 << 76 | 2 << 62 | chance << 20 | self.made).to_string();
        let post = NewPost { id: id.clone(), author_sub: sub(author), content: id.clone(), created_at: 0 };
        posts::insert(&mut self.conn, &post).unwrap();
        self.posts.insert(id, (author, true));
    }

    fn delete(&mut self, id: &str) {
        let deleted = posts::mark_deleted(&mut self.conn, id, &Deletable::Any, 1).unwrap();
        assert_eq!(deleted, std::mem::replace(&mut self.posts.get_mut(id).unwrap().1, false));
    }

    fn delete_any(&mut self) {
        let place = self.dice.roll(self.posts.len());
        let id = self.posts.keys().nth(place).unwrap().clone();
        self.delete(&id);
    }

    fn toggle_follow(&mut self) {
        let (reader, author) = (self.dice.roll(3), self.dice.roll(AUTHORS));
        if self.follows.remove(&(reader, author)) {
            return follows::delete(&mut self.conn, &sub(reader), &sub(author)).unwrap();
        }
        self.follow(reader, author);
    }

    fn follow(&mut self, reader: usize, author: usize) {
        self.made += 1;
        let id = Uuid::from_u128(self.made).to_string();
        let follow = NewFollow { id, follower_sub: sub(reader), followee_sub: sub(author), created_at: 0 };
        follows::insert(&mut self.conn, &follow).unwrap();
        self.follows.insert((reader, author));
    }

    /// The page, and whether there is another: what the database says, once it has been held against the model.
    fn read(&mut self, viewer: usize, page: Page) -> (Vec<String>, Option<String>) {
        let found = timeline::page(&mut self.conn, &sub(viewer), &page).unwrap();
        let expected: Vec<(&String, usize)> = self
            .posts
            .iter()
            .rev()
            .filter(|(_, (author, visible))| {
                *visible && (*author == viewer || self.follows.contains(&(viewer, *author)))
            })
            .map(|(id, (author, _))| (id, *author))
            .filter(|(id, _)| page.after.is_none_or(|after| **id < after.to_string()))
            .collect();
        let limit = usize::try_from(page.limit).unwrap();
        let shown: Vec<_> = expected.iter().take(limit).collect();
        let ids: Vec<String> = found.rows.iter().map(|row| row.id.clone()).collect();
        assert_eq!(ids, shown.iter().map(|(id, _)| (*id).clone()).collect::<Vec<_>>(), "{viewer} {page:?}");
        for (row, (_, author)) in found.rows.iter().zip(shown) {
            assert_eq!(row.author, Some(format!("name{author}")));
        }
        assert_eq!(found.resume_after, ids.last().filter(|_| expected.len() > limit).cloned());
        (ids, found.resume_after)
    }

    /// Reads page after page, with `meanwhile` in between.
    fn walk(&mut self, viewer: usize, limit: i64, meanwhile: impl Fn(&mut Self, &[String])) -> Vec<String> {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (ids, next) = self.read(viewer, Page { after, limit });
            seen.extend(ids);
            let Some(next) = next else { return seen };
            after = Some(next.parse().unwrap());
            meanwhile(self, &seen);
        }
    }
}

#[test]
fn every_page_is_that_of_the_model_whatever_was_posted_deleted_and_followed() {
    let database = Database::empty();
    let mut world = World::new(&database, Dice(20_261_121));
    for round in 0..60 {
        for _ in 0..world.dice.roll(12) {
            // Some write much, and the last nothing at all.
            let author = world.dice.roll(AUTHORS - 1).min(world.dice.roll(AUTHORS - 1));
            world.publish(author, false);
        }
        for _ in 0..world.dice.roll(4) {
            world.delete_any();
        }
        for _ in 0..world.dice.roll(5) {
            world.toggle_follow();
        }
        world.walk(round % 3, [1, 2, 3, 20][round % 4], |_, _| {});
    }
    assert!(world.posts.len() > 200 && world.follows.len() > 5, "the dice have made too little of it");
}

#[test]
fn a_walk_gives_each_post_once_while_others_come_and_what_was_read_goes() {
    let database = Database::empty();
    let mut world = World::new(&database, Dice(7));
    for author in 0..AUTHORS {
        world.follow(0, author);
    }
    for n in 0..120 {
        world.publish(n % 5, false);
    }
    let all: Vec<String> = world.posts.keys().rev().cloned().collect();
    let seen = world.walk(0, 4, |world, seen| {
        world.publish(seen.len() % AUTHORS, true);
        world.delete(seen.last().unwrap());
    });
    assert_eq!(seen, all);
}

#[test]
fn a_walk_loses_nothing_that_stays_while_others_delete_between_its_statements() {
    let database = Database::empty();
    let mut world = World::new(&database, Dice(99));
    for author in 1..AUTHORS {
        world.follow(0, author);
    }
    for n in 0..480 {
        world.publish(n % AUTHORS, false);
    }
    let (stay, go): (Vec<_>, Vec<_>) = world.posts.keys().cloned().enumerate().partition(|(n, _)| n % 4 == 0);
    let stay: Vec<String> = stay.into_iter().rev().map(|(_, id)| id).collect();
    let gone = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut conn = connect(&database.parsed()).unwrap();
            for (_, id) in go.iter().rev() {
                posts::mark_deleted(&mut conn, id, &Deletable::Any, 1).unwrap();
            }
            gone.store(true, Ordering::Release);
        });
        while !gone.load(Ordering::Acquire) {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let found = timeline::page(&mut world.conn, &sub(0), &Page { after, limit: 5 }).unwrap();
                seen.extend(found.rows.into_iter().map(|row| row.id).filter(|id| stay.contains(id)));
                let Some(next) = found.resume_after else { break };
                after = Some(next.parse().unwrap());
            }
            assert_eq!(seen, stay);
        }
    });
}
