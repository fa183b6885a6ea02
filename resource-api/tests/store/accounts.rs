//! One account for each `sub`, one holder for each name.

use diesel::prelude::*;
use resource_api::store::{
    accounts::{Account, find_by_username, register},
    schema::accounts,
};
use test_servers::Database;

use crate::{ACTORS, NOW, migrated, run, seen, together, with_accounts};

async fn all(database: &Database) -> Vec<Account> {
    let all = accounts::table.order(accounts::sub).select(Account::as_select());
    run(database, move |c| Ok(all.load(c)?)).await
}

async fn holder(database: &Database, name: impl Into<String>) -> Option<String> {
    let name = name.into();
    run(database, move |c| Ok(find_by_username(c, &name)?)).await.map(|account| account.sub)
}

#[actix_rt::test]
async fn one_user_who_is_seen_by_many_at_once_has_one_account() {
    let database = migrated();
    let registered = together(&database, |_, c| Ok(register(c, &seen("s", "Alice", NOW))?)).await;
    assert_eq!(all(&database).await, [registered[0].clone()]);
    assert!(registered.iter().all(|each| each.username.as_deref() == Some("Alice")), "{registered:?}");
}

#[actix_rt::test]
async fn of_those_who_claim_a_name_at_once_the_newest_has_it_and_always_the_same() {
    let database = migrated();
    for round in 0..4 {
        let claim = move |n: usize| {
            let seen_at = NOW + i64::try_from(n / 4).unwrap();
            seen(&format!("{round}-{n:02}"), &format!("Name{round}"), seen_at)
        };
        // Among those of one second it is the greatest sub; the actors are not in the order of either.
        together(&database, move |n, c| Ok(register(c, &claim(n * 7 % ACTORS))?)).await;
        let newest = Some(format!("{round}-15"));
        assert_eq!(holder(&database, format!("name{round}")).await, newest);
        together(&database, move |n, c| Ok(register(c, &claim(n))?)).await;
        assert_eq!(holder(&database, format!("name{round}")).await, newest);
    }
    let all = all(&database).await;
    assert_eq!((all.len(), all.iter().filter(|account| account.username.is_some()).count()), (4 * ACTORS, 4));
}

#[actix_rt::test]
async fn a_name_that_has_a_holder_goes_over_to_the_newest_also_when_he_is_seen_by_many_at_once() {
    let database = with_accounts(&["alice"]).await;
    for round in 0..4 {
        let taken = together(&database, move |n, c| {
            let second = NOW + 1 + round * 2 + i64::try_from(n % 2).unwrap();
            Ok(register(c, &seen(&format!("{round}-{}", n % 2), "alice", second))?)
        });
        taken.await;
        assert_eq!(holder(&database, "alice").await, Some(format!("{round}-1")));
    }
    assert_eq!(all(&database).await.len(), 9);
}

#[actix_rt::test]
async fn who_has_lost_a_name_has_one_again_with_his_next_token() {
    let database = migrated();
    together(&database, |n, c| Ok(register(c, &seen(&format!("s{n:02}"), "alice", NOW))?)).await;
    let renamed = together(&database, |n, c| {
        Ok(register(c, &seen(&format!("s{n:02}"), &format!("name{n}"), NOW + 1))?)
    });
    assert!(renamed.await.iter().all(|account| account.username.is_some()));
    assert_eq!(holder(&database, "alice").await, None);
}

#[actix_rt::test]
async fn of_the_names_in_the_tokens_of_one_user_the_newest_stays() {
    let database = migrated();
    let rename = |n: usize, c: &mut _| {
        Ok(register(c, &seen("s", &format!("name{n}"), NOW + i64::try_from(n).unwrap()))?)
    };
    for _ in 0..4 {
        together(&database, rename).await;
        let newest = Some(format!("name{}", ACTORS - 1));
        assert_eq!(all(&database).await.into_iter().map(|each| each.username).collect::<Vec<_>>(), [newest]);
        run(&database, |c| Ok(diesel::delete(accounts::table).execute(c)?)).await;
    }
}

#[actix_rt::test]
async fn two_who_exchange_their_names_do_not_stop_each_other() {
    let database = with_accounts(&["alice", "bobby"]).await;
    for round in 1..5 {
        let names = if round % 2 == 0 { ["alice", "bobby"] } else { ["bobby", "alice"] };
        together(&database, move |n, c| {
            Ok(register(c, &seen(["alice", "bobby"][n % 2], names[n % 2], NOW + round))?)
        })
        .await;
        let holders = [holder(&database, names[0]).await, holder(&database, names[1]).await];
        assert_eq!(holders, [Some("alice".into()), Some("bobby".into())]);
    }
}

#[actix_rt::test]
async fn a_name_is_compared_without_regard_to_case_and_to_nothing_else() {
    let database = with_names(&["Alice", "straße", "ÉMILE"]).await;
    for same in ["Alice", "alice", "ALICE"] {
        assert_eq!(holder(&database, same).await.as_deref(), Some("s0"), "{same}");
    }
    for other in
        ["alicé", "álice", "alice ", " alice", "alice\0", "ａlice", "strasse", "émile", "ÉMILE", "", "%"]
    {
        assert_eq!(holder(&database, other).await, None, "{other:?}");
    }
}

#[actix_rt::test]
async fn an_id_is_compared_to_the_letter() {
    let database = migrated();
    for sub in ["id", "ID", "Id", "id_", "i%"] {
        run(&database, move |c| Ok(register(c, &seen(sub, &format!("name-of-{sub}"), NOW))?)).await;
    }
    let all = all(&database).await;
    assert_eq!(all.iter().map(|each| each.sub.as_str()).collect::<Vec<_>>(), ["ID", "Id", "i%", "id", "id_"]);
}

/// With accounts of these names.
async fn with_names(names: &'static [&'static str]) -> Database {
    let database = migrated();
    run(&database, move |c| {
        for (n, name) in names.iter().enumerate() {
            register(c, &seen(&format!("s{n}"), name, NOW))?;
        }
        Ok(())
    })
    .await;
    database
}
