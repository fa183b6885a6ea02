use std::{sync::atomic::Ordering, time::Duration};

use tokio::time::{Instant, advance};

use super::*;
use crate::{KeySet, TokenRules, verifier::keys::Keys};

const ISSUER: &str = "https://auth.example.com";

/// Nothing listens at port 0, so that a fetch fails at once.
fn unreachable_lists() -> StatusLists {
    let base = "http://127.0.0.1:0".parse().unwrap();
    let keys = Arc::new(Keys::Fixed(Arc::new(KeySet::default())));
    StatusLists::new(ListSource::new(&base, keys, TokenRules::new(ISSUER, "x")).unwrap())
}

fn entry(number: u64) -> StatusListRef {
    StatusListRef { idx: 0, uri: format!("{ISSUER}/oauth/status-lists/{number}") }
}

#[test]
fn only_the_one_spelling_of_a_number_is_an_address() {
    let lists = unreachable_lists();
    let number_of = |tail: &str| lists.0.source.number_of(&format!("{ISSUER}/oauth/status-lists/{tail}"));
    for number in [0, 1, 10, 131_072, u64::MAX] {
        assert_eq!(number_of(&number.to_string()), Some(number));
        assert_eq!(lists.0.source.number_of(&lists.0.source.address(number)), Some(number));
    }
    for tail in
        ["", "00", "01", "+1", "-1", "1.0", "1e3", " 1", "1 ", "1/", "x", "18446744073709551616", "１"]
    {
        assert_eq!(number_of(tail), None, "{tail}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_1024_lists_are_kept_and_the_least_used_goes_first() {
    let lists = unreachable_lists();
    for number in 0..1024 {
        lists.0.list(number);
        advance(Duration::from_millis(1)).await;
    }
    advance(Duration::from_millis(200)).await;
    lists.0.list(0).note_use();
    for number in 1024..1030 {
        lists.0.list(number);
        advance(Duration::from_millis(1)).await;
    }
    let kept = lists.0.lists.read().unwrap();
    assert_eq!(kept.len(), 1024);
    assert!(kept.contains_key(&0) && kept.contains_key(&1029));
    assert!((1..=6).all(|number| !kept.contains_key(&number)));
}

#[tokio::test]
async fn refreshers_end_with_their_verifier() {
    let lists = unreachable_lists();
    assert!(lists.check(&entry(0)).await.is_err());
    let is_refreshing = Arc::clone(&lists.0.list(0).is_refreshing);
    assert!(is_refreshing.load(Ordering::SeqCst));
    drop(lists);
    let deadline = Instant::now() + Duration::from_secs(10);
    while is_refreshing.load(Ordering::SeqCst) {
        assert!(Instant::now() < deadline, "it goes on without anybody needing it");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_refresher_ends_with_its_list() {
    let lists = unreachable_lists();
    assert!(lists.check(&entry(0)).await.is_err());
    let is_refreshing = Arc::clone(&lists.0.list(0).is_refreshing);
    tokio::time::pause();
    advance(Duration::from_secs(61)).await;
    let steps = (0..1_000).take_while(|_| is_refreshing.load(Ordering::SeqCst));
    for _ in steps {
        tokio::task::yield_now().await;
    }
    assert!(!is_refreshing.load(Ordering::SeqCst), "nobody has used it for a minute");
    assert!(lists.0.lists.read().unwrap().is_empty(), "a list that could not be had is forgotten too");
}

#[tokio::test]
async fn a_list_that_somebody_waits_for_is_not_idle() {
    let lists = unreachable_lists();
    let list = lists.0.list(0);
    list.is_wanted.store(true, Ordering::SeqCst);
    tokio::time::pause();
    advance(Duration::from_secs(61)).await;
    refresher::keep_refreshing(&lists.0, &list).unwrap();
    tokio::time::resume();
    let deadline = Instant::now() + Duration::from_secs(10);
    while list.latest.borrow().attempts == 0 {
        assert!(Instant::now() < deadline, "nobody fetches");
        tokio::task::yield_now().await;
    }
}
