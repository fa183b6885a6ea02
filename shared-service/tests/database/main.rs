//! The database layer against servers of the tests' own, which are frozen, killed and started again.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod certificates;
mod dropping;
mod file;
mod migrating;
mod opening;
mod restarted;
mod silent;
mod tls;

use std::time::{Duration, Instant};

use diesel::{QueryableByName, RunQueryDsl, sql_types::BigInt};
use shared_service::database::{DatabaseUrl, DbConnection, Store, connect};
use test_servers::{Kind, MARIADB, POSTGRES};

/// The engines that have a server.
const SERVERS: [&Kind; 2] = [&POSTGRES, &MARIADB];

fn parsed(url: &str) -> DatabaseUrl {
    url.parse().unwrap_or_else(|error| panic!("{url} {error}"))
}

/// Why it cannot be opened, by the URL's own check or by the attempt.
fn refusal(url: &str) -> String {
    match url.parse::<DatabaseUrl>() {
        Err(why) => why,
        Ok(parsed) => connect(&parsed).err().unwrap_or_else(|| panic!("{url} was opened")).to_string(),
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// One number, by a statement that calls it `number`.
fn number(connection: &mut DbConnection, statement: &str) -> diesel::QueryResult<i64> {
    diesel::sql_query(statement).get_result(connection).map(|row: Number| row.number)
}

/// As a request would.
async fn ask(store: &Store) -> anyhow::Result<i64> {
    store.run(|c| Ok(number(c, "SELECT COUNT(*) AS number FROM information_schema.schemata")?)).await
}

/// How long until the store answers again.
async fn recovery(store: &Store) -> Duration {
    let began = Instant::now();
    while ask(store).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "it does not recover");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}
