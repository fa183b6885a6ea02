//! PostgreSQL: `EXPLAIN (ANALYZE, BUFFERS)`, for these values and for any.

use std::fmt::Write;

use anyhow::Context;
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use serde_json::Value as Json;
use shared_service::database::DbConnection;

use super::{FOR_ANY_VALUES, FOR_THESE_VALUES, Plan};
use crate::statements::{Dialect, Statement, Value};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    plan: String,
}

/// After five executions of a prepared statement the server takes one plan for any values, if it expects that one to cost
/// less than those for the values so far did as a mean. So that one is looked at too.
pub(super) fn plans(
    connection: &mut DbConnection,
    statement: &Statement,
    execute: bool,
) -> anyhow::Result<Vec<(&'static str, Plan)>> {
    // Each value of a list is looked for by itself.
    let listed = |value: &Value| if let Value::List(items) = value { items.len() } else { 0 };
    let listed = u64::try_from(statement.values.iter().map(listed).sum::<usize>())?;
    let mut plans = vec![(
        FOR_THESE_VALUES,
        explain(connection, &[], &statement.with_literals(Dialect::Postgres), execute)?,
    )];
    if !statement.values.is_empty() {
        let prepare = [
            "SET LOCAL plan_cache_mode = force_generic_plan".to_owned(),
            format!("PREPARE looked_at AS {}", statement.sql),
        ];
        let run = format!("EXECUTE looked_at({})", statement.literals(Dialect::Postgres));
        plans.push((FOR_ANY_VALUES, explain(connection, &prepare, &run, execute)?));
    }
    for (_, plan) in &mut plans {
        plan.lookups += listed;
    }
    Ok(plans)
}

fn explain(
    connection: &mut DbConnection,
    before: &[String],
    sql: &str,
    execute: bool,
) -> anyhow::Result<Plan> {
    if !execute {
        let plan = attempt(connection, before, &format!("EXPLAIN (FORMAT JSON) {sql}"))?;
        return Ok(Plan { not_executed: Some("it would change every row".into()), ..plan });
    }
    match attempt(connection, before, &format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}")) {
        Ok(plan) => Ok(plan),
        // What has been done on the tour cannot always be done again: the row is there, or gone.
        Err(error) => {
            let plan = attempt(connection, before, &format!("EXPLAIN (FORMAT JSON) {sql}"))?;
            Ok(Plan { not_executed: Some(error.root_cause().to_string()), ..plan })
        }
    }
}

fn attempt(connection: &mut DbConnection, before: &[String], explain: &str) -> anyhow::Result<Plan> {
    connection.batch_execute("BEGIN")?;
    let read = |connection: &mut DbConnection| {
        before.iter().try_for_each(|statement| connection.batch_execute(statement))?;
        sql_query(explain).load::<Line>(connection)
    };
    let lines = read(connection);
    connection.batch_execute("ROLLBACK")?;
    connection.batch_execute("DEALLOCATE ALL")?;
    let text: String = lines.with_context(|| explain.to_owned())?.into_iter().map(|line| line.plan).collect();
    let json: Json = serde_json::from_str(&text)?;
    let mut plan = Plan { unit: "rows", cost: number(&json[0]["Plan"], "Total Cost"), ..Plan::default() };
    collect(&json[0]["Plan"], 0, &mut plan)?;
    Ok(plan)
}

fn number(node: &Json, member: &str) -> f64 {
    node[member].as_f64().unwrap_or(0.0)
}

/// What a node has read, with all below it.
fn pages(node: &Json) -> f64 {
    number(node, "Shared Hit Blocks") + number(node, "Shared Read Blocks")
}

/// Adds a node and all below it. Numbers of rows are means of all its loops, those of pages are of all loops together.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
fn collect(node: &Json, depth: usize, plan: &mut Plan) -> anyhow::Result<()> {
    let loops = number(node, "Actual Loops");
    let is_scan = node["Node Type"].as_str().is_some_and(|kind| kind.contains("Scan"));
    // A bitmap's rows are those that its index scan has found already.
    if is_scan && (node["Relation Name"].is_string() || node["Index Name"].is_string()) {
        let removed = number(node, "Rows Removed by Filter") + number(node, "Rows Removed by Index Recheck");
        let rows = ((number(node, "Actual Rows") + removed) * loops) as u64;
        plan.examined += rows;
        plan.lookups += loops as u64;
        let is_walk = node["Node Type"] != "Bitmap Heap Scan" && node["Index Cond"].is_null();
        if is_walk {
            plan.walked.push((node["Relation Name"].as_str().unwrap_or("a table").to_owned(), rows));
        }
    }
    let below = || node["Plans"].as_array().into_iter().flatten();
    // An index that is walked from end to end with a condition on its second column tells of no row but those that it finds.
    // How many pages a change has to write to depends on how many indices there are.
    if node["Node Type"] != "ModifyTable" {
        plan.pages += (pages(node) - below().map(pages).sum::<f64>()).max(0.0) as u64;
    }
    let text = |member: &str| node[member].as_str().unwrap_or_default();
    write!(plan.text, "{:indent$}{}", "", text("Node Type"), indent = depth * 2)?;
    for member in
        ["Relation Name", "Index Name", "Scan Direction", "Index Cond", "Recheck Cond", "Filter", "Sort Key"]
    {
        if !node[member].is_null() {
            write!(plan.text, " · {member}: {}", node[member])?;
        }
    }
    if node["Actual Loops"].is_number() {
        write!(plan.text, " · rows {} × {loops}, pages {}", number(node, "Actual Rows"), pages(node))?;
    }
    writeln!(plan.text)?;
    for below in below() {
        collect(below, depth + 1, plan)?;
    }
    Ok(())
}
