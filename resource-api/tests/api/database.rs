//! What clients see of a database in trouble: when to come back, and nothing of the trouble itself.

use std::sync::mpsc;

use diesel::RunQueryDsl;
use resource_api::store::schema::accounts;
use serde_json::json;
use shared_service::database::{DbConnection, Unavailable};

use crate::support::TestApp;

#[derive(Debug)]
struct Trouble;

impl From<Unavailable> for Trouble {
    fn from(_: Unavailable) -> Self {
        Self
    }
}

impl From<diesel::result::Error> for Trouble {
    fn from(_: diesel::result::Error) -> Self {
        Self
    }
}

#[actix_web::test]
async fn a_database_that_stays_locked_is_worth_another_try_later() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    alice.show_up().await;
    let store = app.database.store(1);
    let (locked, is_locked) = mpsc::channel::<()>();
    let (release, is_released) = mpsc::channel::<()>();
    let holder = actix_rt::spawn(async move {
        let hold = move |conn: &mut DbConnection| -> Result<(), Trouble> {
            // A post waits for its author's row, whatever is done to that and however it ends.
            diesel::delete(accounts::table).execute(conn)?;
            locked.send(()).unwrap();
            is_released.recv().ok();
            Err(Trouble)
        };
        store.transaction(hold).await
    });
    actix_rt::task::spawn_blocking(move || is_locked.recv().unwrap()).await.unwrap();

    let refusal = alice.post("/api/posts", json!({"content": "x"})).await;
    refusal.expect_problem(503, "unavailable");
    assert!(refusal.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    alice.get("/api/timeline").await.expect(200);

    release.send(()).unwrap();
    assert!(holder.await.unwrap().is_err());
    alice.publish("x").await;
}

#[actix_web::test]
async fn a_failure_of_ours_is_reported_without_its_cause() {
    let app = TestApp::spawn().await;
    let alice = app.user("alice");
    alice.show_up().await;
    let store = app.database.store(1);
    let drop_table = |conn: &mut DbConnection| Ok(diesel::sql_query("DROP TABLE follows").execute(conn)?);
    store.run::<_, Trouble, _>(drop_table).await.unwrap();

    let failure = alice.get("/api/users/alice/followers").await;
    failure.expect_problem(500, "internal");
    assert!(!failure.body.contains("follows") && !failure.body.contains("no such table"), "{}", failure.body);
    // What does not need the table still works.
    alice.publish("x").await;
}
