//! Every statement of both servers, on databases that are large enough to tell a look into an index from a walk through a
//! table. (What requests cost is not looked at here: a machine that does other things besides would fail it by chance.)

use std::path::Path;

use scale::{
    check::{Wanted, check},
    seed::{Databases, Size, fill},
};
use test_servers::{Database, Engine};

#[actix_web::test]
async fn no_statement_reads_more_than_a_bounded_number_of_rows_and_each_is_looked_at() {
    let size = Size { users: 26_000, posts: 100_000, follows: 3, seed: 1 };
    let wanted = Wanted { engine: Engine::chosen(), size, cost: false };
    let output = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let found = check(wanted, output).await.unwrap();
    assert!(found.faults.is_empty(), "{}", found.faults.join("\n"));
}

#[test]
fn a_database_that_has_users_is_not_filled_again() {
    let (auth, api) = (Database::empty(), Database::empty());
    let databases = Databases::at(auth.url(), api.url()).unwrap();
    let refused = |why: &str| {
        let error = fill(&databases, Size::SMALL, 4).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    };
    fill(&databases, Size::SMALL, 4).unwrap();
    refused("has users already");
    shared_service::database::drop_database(&databases.auth).unwrap();
    shared_service::database::create(&databases.auth).unwrap();
    refused("has accounts already");
}
