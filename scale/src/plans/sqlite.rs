//! SQLite: `EXPLAIN QUERY PLAN`, and its own counters of what was done.

use rusqlite::{Connection, StatementStatus, ToSql, types::Null};

use super::Plan;
use crate::statements::{Statement, Value};

pub(super) fn open(path: &str) -> anyhow::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON")?;
    Ok(connection)
}

/// What is counted are steps of its virtual machine, of which a row takes ten to thirty.
pub(super) fn plan(
    connection: &mut Connection,
    statement: &Statement,
    execute: bool,
) -> anyhow::Result<Plan> {
    let values: Vec<Box<dyn ToSql>> = statement.values.iter().map(bound).collect();
    let values: Vec<&dyn ToSql> = values.iter().map(AsRef::as_ref).collect();
    let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql))?;
    let lines = explained.query_map(values.as_slice(), |row| row.get::<_, String>(3))?;
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    drop(explained);
    let mut plan = Plan { text: lines.join("\n"), unit: "steps", ..Plan::default() };
    if !execute {
        plan.not_executed = Some("it would change every row".into());
        return Ok(plan);
    }
    let transaction = connection.transaction()?;
    let mut prepared = transaction.prepare(&statement.sql)?;
    let mut rows = prepared.query(values.as_slice())?;
    loop {
        match rows.next() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                plan.not_executed = Some(error.to_string());
                break;
            }
        }
    }
    drop(rows);
    let count = |status| u64::try_from(prepared.get_status(status)).unwrap_or(0);
    plan.examined = count(StatementStatus::VmStep);
    let walked = count(StatementStatus::FullscanStep);
    let indexed = count(StatementStatus::AutoIndex);
    let table = lines.iter().find(|line| line.starts_with("SCAN")).cloned().unwrap_or_default();
    plan.walked = vec![(table, walked), ("a temporary index".into(), indexed)];
    plan.walked.retain(|(_, rows)| *rows > 0);
    drop(prepared);
    transaction.rollback()?;
    Ok(plan)
}

fn bound(value: &Value) -> Box<dyn ToSql> {
    match value {
        Value::Null | Value::List(_) => Box::new(Null),
        Value::Bool(truth) => Box::new(*truth),
        Value::Integer(number) => Box::new(*number),
        Value::Text(text) => Box::new(text.clone()),
        Value::Bytes(bytes) => Box::new(bytes.clone()),
    }
}
