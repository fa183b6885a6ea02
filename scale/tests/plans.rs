//! Every statement of both servers, on databases that are large enough to tell a look into an index from a walk through a
//! table. (What requests cost is not looked at here: a machine that does other things besides would fail it by chance.)

use std::path::Path;

use scale::{
    check::{Wanted, check},
    seed::Size,
};
use test_servers::Engine;

#[actix_web::test]
async fn no_statement_reads_more_than_a_bounded_number_of_rows_and_each_is_looked_at() {
    let size = Size { users: 20_000, posts: 100_000, follows: 3, seed: 1 };
    let wanted = Wanted { engine: Engine::chosen(), size, cost: false };
    let output = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let found = check(wanted, output).await.unwrap();
    assert!(found.faults.is_empty(), "{}", found.faults.join("\n"));
}
