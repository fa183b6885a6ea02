//! One follow for each pair, however often it is asked for.

use resource_api::store::follows::{
    NewFollow, count_followers, count_following, delete, followers, insert, is_following,
};
use shared_service::{database::DbConnection, page::Page};
use uuid::Uuid;

use crate::{ACTORS, Failure, NOW, ids, run, seen, together, with_accounts};

fn follow(c: &mut DbConnection, id: &str, who: &str, whom: &str) -> Result<(), Failure> {
    let follow = NewFollow {
        id: id.into(),
        follower_sub: who.into(),
        followee_sub: whom.into(),
        created_at: NOW * 1000,
    };
    Ok(insert(c, &follow)?)
}

#[actix_rt::test]
async fn who_follows_by_many_requests_at_once_follows_once() {
    let database = with_accounts(&["alice", "bobby"]).await;
    let ids = ids(ACTORS);
    together(&database, move |n, c| follow(c, &ids[n], "alice", "bobby")).await;
    let counts = run(&database, |c| Ok((count_followers(c, "bobby")?, count_following(c, "alice")?))).await;
    assert_eq!(counts, (1, 1));
}

#[actix_rt::test]
async fn who_follows_and_unfollows_at_once_does_one_or_the_other() {
    let database = with_accounts(&["alice", "bobby"]).await;
    let ids = ids(4 * ACTORS);
    together(&database, move |n, c| {
        for id in &ids[4 * n..][..4] {
            if n % 2 == 0 { follow(c, id, "alice", "bobby")? } else { delete(c, "alice", "bobby")? }
        }
        Ok(())
    })
    .await;
    let (is_following, count) =
        run(&database, |c| Ok((is_following(c, "alice", "bobby")?, count_followers(c, "bobby")?))).await;
    assert_eq!(count, i64::from(is_following));
    run(&database, |c| Ok(delete(c, "alice", "bobby")?)).await;
    assert!(!run(&database, |c| Ok(is_following_now(c)?)).await);
}

fn is_following_now(c: &mut DbConnection) -> diesel::QueryResult<bool> {
    is_following(c, "alice", "bobby")
}

#[actix_rt::test]
async fn followers_who_come_at_once_are_all_listed_newest_first() {
    let database = with_accounts(&["bobby"]).await;
    let ids = ids(ACTORS);
    let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
    together(&database, move |n, c| {
        let name = format!("name{n}");
        resource_api::store::accounts::register(c, &seen(&name, &name, NOW))?;
        follow(c, &ids[n], &name, "bobby")
    })
    .await;
    let mut listed = Vec::new();
    let mut after: Option<Uuid> = None;
    loop {
        let page = run(&database, move |c| Ok(followers(c, "bobby", &Page { after, limit: 5 })?)).await;
        listed.extend(page.iter().take(5).map(|row| row.id.clone()));
        if page.len() <= 5 {
            break;
        }
        after = listed.last().map(|id| id.parse().unwrap());
    }
    assert_eq!(listed, newest_first);
}

#[actix_rt::test]
async fn nobody_follows_a_user_whom_nobody_has_seen() {
    let database = with_accounts(&["alice"]).await;
    let id = ids(1).remove(0);
    let outcome = database.store(1).run(move |c| follow(c, &id, "alice", "nobody")).await;
    assert!(outcome.is_err());
}
