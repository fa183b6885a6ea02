//! No number of guesses, however parallel, and on however many servers, gets more tries than it is allowed.

use std::{net::IpAddr, time::Duration};

use auth_server::{
    error::ApiError,
    limits::back_off::{Counted, Guess, Outcome, count},
    store::schema::login_attempts,
};
use diesel::prelude::*;
use futures_util::future::join_all;
use shared_claims::Clock;
use shared_service::database::Store;

use crate::{NOW, POOL, migrated};

const GUESSES: usize = 50;
const KNOWN_FOR: i64 = 30 * 24 * 3600 * 1000;

fn guess(name: &str, host: usize) -> Guess {
    let address: IpAddr = format!("192.0.2.{host}").parse().unwrap();
    Guess::new(name, Some(address))
}

async fn attempt(store: &Store, guess: Guess, clock: &Clock) -> Outcome {
    let clock = clock.clone();
    store.run::<_, ApiError, _>(move |c| Ok(count(c, &guess, &clock)?)).await.unwrap()
}

/// Tries, and gives what was counted.
async fn fail(store: &Store, guess: Guess, clock: &Clock) -> Counted {
    match attempt(store, guess, clock).await {
        Outcome::MayTry(counted) => *counted,
        other => panic!("{other:?}"),
    }
}

async fn wait(store: &Store, guess: Guess, clock: &Clock) -> Duration {
    match attempt(store, guess, clock).await {
        Outcome::MustWait(wait) => wait,
        other => panic!("{other:?}"),
    }
}

async fn succeed(store: &Store, guess: Guess, clock: &Clock) {
    let (counted, now) = (fail(store, guess, clock).await, clock.now_ms());
    store.run::<_, ApiError, _>(move |c| Ok(counted.succeeded(c, now, KNOWN_FOR)?)).await.unwrap();
}

async fn take_back(store: &Store, counted: Counted) {
    store.run::<_, ApiError, _>(move |c| Ok(counted.not_tried(c)?)).await.unwrap();
}

fn clock() -> Clock {
    Clock::fixed_at(NOW * 1000)
}

/// How many of parallel guesses at one name, over two pools, are let try.
async fn let_try(stores: &[Store; 2], clock: &Clock, host_of: impl Fn(usize) -> usize) -> usize {
    let guesses = (0..GUESSES).map(|n| attempt(&stores[n % 2], guess("alice", host_of(n)), clock));
    let outcomes = join_all(guesses).await;
    assert!(!outcomes.iter().any(|outcome| matches!(outcome, Outcome::Overtaken)));
    outcomes.iter().filter(|outcome| matches!(outcome, Outcome::MayTry(_))).count()
}

#[actix_rt::test]
async fn of_parallel_guesses_from_one_network_five_are_tried_and_then_one_at_a_time() {
    let database = migrated();
    let (stores, clock) = ([database.store(POOL), database.store(POOL)], clock());
    assert_eq!(let_try(&stores, &clock, |_| 1).await, 5);
    for wait in [1, 2, 4] {
        assert_eq!(let_try(&stores, &clock, |_| 1).await, 0);
        clock.advance(Duration::from_secs(wait));
        assert_eq!(let_try(&stores, &clock, |_| 1).await, 1);
    }
    clock.advance(Duration::from_hours(1));
    assert_eq!(let_try(&stores, &clock, |_| 1).await, 5, "forgotten");
}

#[actix_rt::test]
async fn of_parallel_guesses_from_many_networks_thirty_are_tried_and_then_one_at_a_time() {
    let database = migrated();
    let (stores, clock) = ([database.store(POOL), database.store(POOL)], clock());
    assert_eq!(let_try(&stores, &clock, |n| n).await, 30);
    clock.advance(Duration::from_secs(1));
    assert_eq!(let_try(&stores, &clock, |n| 100 + n).await, 1);
}

#[actix_rt::test]
async fn an_attempt_that_was_not_made_leaves_everything_as_it_was() {
    let database = migrated();
    let (store, clock) = (database.store(POOL), clock());
    let untried = fail(&store, guess("alice", 1), &clock).await;
    take_back(&store, untried).await;
    for _ in 0..5 {
        fail(&store, guess("alice", 1), &clock).await;
    }
    clock.advance(Duration::from_secs(1));
    let untried = fail(&store, guess("alice", 1), &clock).await;
    take_back(&store, untried).await;
    // Not even the wait has begun again.
    let first = fail(&store, guess("alice", 1), &clock).await;
    assert_eq!(wait(&store, guess("alice", 1), &clock).await, Duration::from_secs(2));
    // What was counted since stays.
    clock.advance(Duration::from_secs(2));
    fail(&store, guess("alice", 1), &clock).await;
    assert_eq!(wait(&store, guess("alice", 1), &clock).await, Duration::from_secs(4));
    take_back(&store, first).await;
    assert_eq!(wait(&store, guess("alice", 1), &clock).await, Duration::from_secs(2));
}

#[actix_rt::test]
async fn of_attempts_that_were_not_made_nothing_is_left_in_whatever_order_they_are_taken_back() {
    let database = migrated();
    let (store, clock) = (database.store(POOL), clock());
    for reversed in [false, true] {
        let mut untried = Vec::new();
        for _ in 0..5 {
            untried.push(fail(&store, guess("alice", 1), &clock).await);
        }
        if reversed {
            untried.reverse();
        }
        for counted in untried {
            take_back(&store, counted).await;
        }
        assert_eq!(keys(&store).await, Vec::<String>::new());
    }
}

#[actix_rt::test]
async fn a_network_is_exempt_for_thirty_days_after_a_login() {
    let database = migrated();
    let (store, clock) = (database.store(POOL), clock());
    succeed(&store, guess("alice", 200), &clock).await;
    let strangers = async || {
        for host in 0..30 {
            fail(&store, guess("alice", host), &clock).await;
        }
        assert_eq!(wait(&store, guess("alice", 99), &clock).await, Duration::from_secs(1));
    };
    clock.advance(Duration::from_hours(29 * 24));
    strangers().await;
    assert_eq!(wait(&store, guess("alice", 201), &clock).await, Duration::from_secs(1));
    // A guess from there counts under its network alone.
    fail(&store, guess("alice", 200), &clock).await;
    assert_eq!(wait(&store, guess("alice", 99), &clock).await, Duration::from_secs(1));
    clock.advance(Duration::from_hours(24));
    strangers().await;
    assert_eq!(wait(&store, guess("alice", 200), &clock).await, Duration::from_secs(1));
}

#[actix_rt::test]
async fn every_login_renews_the_exemption() {
    let database = migrated();
    let (store, clock) = (database.store(POOL), clock());
    for _ in 0..2 {
        succeed(&store, guess("alice", 200), &clock).await;
        clock.advance(Duration::from_hours(28 * 24));
    }
    for host in 0..30 {
        fail(&store, guess("alice", host), &clock).await;
    }
    fail(&store, guess("alice", 200), &clock).await;
}

#[actix_rt::test]
async fn parallel_successes_from_a_new_network_all_succeed() {
    let database = migrated();
    let (store, clock) = (database.store(POOL), clock());
    let mut counted = Vec::new();
    for _ in 0..5 {
        counted.push(fail(&store, guess("alice", 1), &clock).await);
    }
    let now = clock.now_ms();
    let successes = counted
        .into_iter()
        .map(|each| store.run::<_, ApiError, _>(move |c| Ok(each.succeeded(c, now, KNOWN_FOR)?)));
    assert!(join_all(successes).await.into_iter().all(|outcome| outcome.is_ok()));
    for host in 2..32 {
        fail(&store, guess("alice", host), &clock).await;
    }
    fail(&store, guess("alice", 1), &clock).await;
}

#[actix_rt::test]
async fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
    let database = migrated();
    let (store, clock) = (database.store(POOL), clock());
    for failures in 0..20 {
        fail(&store, guess("alice", 1), &clock).await;
        if failures >= 4 {
            clock.advance(wait(&store, guess("alice", 1), &clock).await);
        }
    }
    fail(&store, guess("alice", 1), &clock).await;
    clock.set((NOW - 24 * 3600) * 1000);
    assert_eq!(wait(&store, guess("alice", 1), &clock).await, Duration::from_mins(15));
    clock.advance(Duration::from_secs(899));
    assert_eq!(wait(&store, guess("alice", 1), &clock).await, Duration::from_secs(1));
    clock.advance(Duration::from_secs(1));
    fail(&store, guess("alice", 1), &clock).await;
}

async fn keys(store: &Store) -> Vec<String> {
    let all = store.run::<_, ApiError, _>(|c| {
        Ok(login_attempts::table.select(login_attempts::key_hash).load::<String>(c)?)
    });
    all.await.unwrap()
}

#[actix_rt::test]
async fn nothing_that_was_typed_is_stored() {
    let database = migrated();
    let (store, clock) = (database.store(POOL), clock());
    fail(&store, guess("hunter2 by mistake", 1), &clock).await;
    let keys = keys(&store).await;
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|key| key.len() == 43 && !key.contains("hunter")), "{keys:?}");
}
