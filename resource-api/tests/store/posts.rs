//! Posts are kept as they were sent, and deleted once.

use resource_api::store::posts::{
    Deletable, NewPost, count_of_author, find, insert, mark_deleted, of_author,
};
use shared_service::{database::DbConnection, page::Page};
use test_servers::Database;

use crate::{ACTORS, Failure, NOW, ids, run, together, with_accounts};

fn post(c: &mut DbConnection, id: &str, author: &str, content: &str) -> Result<(), Failure> {
    let (id, author_sub) = (id.to_owned(), author.to_owned());
    Ok(insert(c, &NewPost { id, author_sub, content: content.into(), created_at: NOW * 1000 })?)
}

/// The ids of an author's posts, read page by page.
async fn listed(database: &Database, author: &'static str, limit: i64) -> Vec<String> {
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = run(database, move |c| Ok(of_author(c, author, &Page { after, limit })?)).await;
        listed.extend(page.rows.into_iter().map(|row| row.id));
        let Some(last) = page.resume_after else { return listed };
        after = Some(last.parse().unwrap());
    }
}

#[actix_rt::test]
async fn what_many_post_at_once_is_all_there_and_newest_first() {
    let database = with_accounts(&["alice", "bobby"]).await;
    let ids = ids(4 * ACTORS);
    let of = |author: usize| -> Vec<String> {
        let own = ids.iter().enumerate().filter(|(n, _)| n / 4 % 2 == author);
        own.rev().map(|(_, id)| id.clone()).collect()
    };
    let (of_alice, of_bobby) = (of(0), of(1));
    together(&database, move |n, c| {
        (0..4).try_for_each(|m| post(c, &ids[4 * n + m], ["alice", "bobby"][n % 2], "hello"))
    })
    .await;
    assert_eq!(listed(&database, "alice", 7).await, of_alice);
    assert_eq!(listed(&database, "bobby", 100).await, of_bobby);
}

#[actix_rt::test]
async fn a_list_that_is_read_while_posts_are_added_and_deleted_has_the_others_once() {
    let database = with_accounts(&["alice"]).await;
    let ids = ids(3 * ACTORS);
    let (older, newer) = ids.split_at(2 * ACTORS);
    let (kept, deleted): (Vec<String>, Vec<String>) = (
        older.iter().step_by(2).rev().cloned().collect(),
        older.iter().skip(1).step_by(2).cloned().collect(),
    );
    let (all, newer) = (older.to_vec(), newer.to_vec());
    run(&database, move |c| all.iter().try_for_each(|id| post(c, id, "alice", "old"))).await;
    let (expected, gone) = (kept.clone(), deleted.clone());
    let read = together(&database, move |n, c| {
        if n % 2 == 0 {
            for m in [n, n + 1] {
                post(c, &newer[m], "alice", "new")?;
                mark_deleted(c, &deleted[m], &Deletable::Of("alice".into()), NOW)?;
            }
            return Ok(None);
        }
        let (mut read, mut after): (Vec<String>, _) = (Vec::new(), None);
        loop {
            let page = of_author(c, "alice", &Page { after, limit: 3 })?;
            read.extend(page.rows.into_iter().map(|row| row.id));
            let Some(last) = page.resume_after else { return Ok(Some(read)) };
            after = Some(last.parse().unwrap());
        }
    });
    for read in read.await.into_iter().flatten() {
        let mut sorted = read.clone();
        sorted.sort();
        sorted.dedup();
        assert!(sorted.iter().rev().eq(&read), "each once, newest first: {read:?}");
        let old: Vec<_> = read.into_iter().filter(|id| expected.contains(id)).collect();
        assert_eq!(old, expected);
    }
    let now = listed(&database, "alice", 100).await;
    assert!(now.len() == 2 * ACTORS && now.iter().all(|id| !gone.contains(id)), "{now:?}");
}

#[actix_rt::test]
async fn of_those_who_delete_a_post_at_once_one_does_and_it_is_nowhere_afterwards() {
    let database = with_accounts(&["alice"]).await;
    let id = ids(1).remove(0);
    let (written, deleted, gone) = (id.clone(), id.clone(), id);
    run(&database, move |c| post(c, &written, "alice", "hello")).await;
    let outcomes = together(&database, move |n, c| {
        let whose = if n % 2 == 0 { Deletable::Any } else { Deletable::Of("alice".into()) };
        Ok(mark_deleted(c, &deleted, &whose, NOW)?)
    });
    assert_eq!(outcomes.await.into_iter().filter(|deleted| *deleted).count(), 1);
    assert!(run(&database, move |c| Ok(find(c, &gone)?)).await.is_none());
    assert_eq!(run(&database, |c| Ok(count_of_author(c, "alice")?)).await, 0);
    assert!(listed(&database, "alice", 5).await.is_empty());
}

#[actix_rt::test]
async fn nobody_deletes_a_post_of_somebody_whose_id_differs_in_case() {
    let database = with_accounts(&["alice"]).await;
    let id = ids(1).remove(0);
    let written = id.clone();
    run(&database, move |c| post(c, &written, "alice", "hello")).await;
    assert!(!run(&database, move |c| Ok(mark_deleted(c, &id, &Deletable::Of("Alice".into()), NOW)?)).await);
    assert_eq!(listed(&database, "alice", 5).await.len(), 1);
}

#[actix_rt::test]
async fn a_text_is_read_as_it_was_written() {
    let database = with_accounts(&["alice"]).await;
    let longest = ["🦀", "ß", "字", "\u{301}", "\u{10FFFF}"].map(|character| character.repeat(500));
    let others =
        ["  blanks at both ends  ", "'; DROP TABLE posts; --", "a\\b\"c%_", "line\r\nline\ttab", "👩‍👩‍👧‍👦"];
    for text in longest.into_iter().chain(others.map(str::to_owned)) {
        let id = ids(1).remove(0);
        let written = text.clone();
        let read = run(&database, move |c| {
            post(c, &id, "alice", &written)?;
            Ok(find(c, &id)?)
        });
        assert_eq!(read.await.unwrap().content, text);
    }
}
