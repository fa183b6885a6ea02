//! MariaDB: `ANALYZE FORMAT=JSON`, and the session's own counters of what was read.

use anyhow::Context;
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};
use serde_json::Value as Json;
use shared_service::database::DbConnection;

use super::Plan;
use crate::statements::{Dialect, Statement};

#[derive(QueryableByName)]
struct Analyzed {
    #[diesel(sql_type = Text, column_name = "ANALYZE")]
    plan: String,
}

#[derive(QueryableByName)]
struct Explained {
    #[diesel(sql_type = Text, column_name = "EXPLAIN")]
    plan: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    so_far: i64,
}

/// Rows and index entries that the storage engine was asked for, and those that it left out by itself.
const COUNTERS: &str = "SELECT CAST(SUM(CAST(VARIABLE_VALUE AS SIGNED)) AS SIGNED) AS so_far \
                        FROM information_schema.SESSION_STATUS \
                        WHERE VARIABLE_NAME LIKE 'HANDLER_READ%' OR VARIABLE_NAME = 'HANDLER_ICP_ATTEMPTS'";

pub(super) fn plan(
    connection: &mut DbConnection,
    statement: &Statement,
    execute: bool,
) -> anyhow::Result<Plan> {
    let sql = statement.with_literals(Dialect::Mysql);
    if !execute {
        return explain(connection, &sql, "it would change every row".into());
    }
    connection.batch_execute("BEGIN")?;
    let analyzed = analyze(connection, &sql);
    connection.batch_execute("ROLLBACK")?;
    match analyzed {
        Ok(plan) => Ok(plan),
        // What has been done on the tour cannot always be done again: the row is there, or gone.
        Err(error) => explain(connection, &sql, error.root_cause().to_string()),
    }
}

fn analyze(connection: &mut DbConnection, sql: &str) -> anyhow::Result<Plan> {
    let mut counted = || anyhow::Ok(sql_query(COUNTERS).get_result::<Counted>(connection)?.so_far);
    // The counting itself reads rows.
    let own = -counted()? + counted()?;
    let before = counted()?;
    let lines = sql_query(format!("ANALYZE FORMAT=JSON {sql}")).load::<Analyzed>(connection);
    let lines = lines.with_context(|| sql.to_owned())?;
    let after = sql_query(COUNTERS).get_result::<Counted>(connection)?.so_far;
    let text: String = lines.into_iter().map(|line| line.plan).collect();
    let mut plan = read(&text)?;
    plan.examined = u64::try_from(after - before - own).unwrap_or(0);
    Ok(plan)
}

fn explain(connection: &mut DbConnection, sql: &str, why: String) -> anyhow::Result<Plan> {
    let lines = sql_query(format!("EXPLAIN FORMAT=JSON {sql}")).load::<Explained>(connection);
    let text: String = lines.with_context(|| sql.to_owned())?.into_iter().map(|line| line.plan).collect();
    Ok(Plan { not_executed: Some(why), ..read(&text)? })
}

fn read(text: &str) -> anyhow::Result<Plan> {
    let json: Json = serde_json::from_str(text).context("a plan in JSON")?;
    let mut plan = Plan { unit: "rows", ..Plan::default() };
    collect(&json, &mut plan);
    Ok(plan)
}

/// Adds every table that is read, wherever in the plan.
fn collect(node: &Json, plan: &mut Plan) {
    match node {
        Json::Object(members) => {
            if let Some(access) = members.get("access_type").and_then(Json::as_str) {
                let number = |member: &str| members.get(member).and_then(Json::as_f64).unwrap_or(0.0);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of rows")]
                let rows = (number("r_rows") * number("r_loops")) as u64;
                let text = |member: &str| members.get(member).and_then(Json::as_str).unwrap_or("-");
                let table = text("table_name").to_owned();
                let (key, condition) = (text("key"), text("attached_condition"));
                let counts = format!("r_rows {} × {}", number("r_rows"), number("r_loops"));
                let line =
                    [&table, " · access ", access, " · key ", key, " · ", &counts, " · ", condition, "\n"];
                plan.text.extend(line);
                if matches!(access, "ALL" | "index") && !table.starts_with('<') {
                    plan.walked.push((table, rows));
                }
            }
            members.values().for_each(|below| collect(below, plan));
        }
        Json::Array(items) => items.iter().for_each(|below| collect(below, plan)),
        _ => {}
    }
}
