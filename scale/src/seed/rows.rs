//! Adding many rows to a table: the same text on every engine, many rows to a statement, many statements to a commit.

use std::{
    fmt::{Arguments, Write},
    time::{Duration, Instant},
};

use anyhow::Context;
use diesel::connection::SimpleConnection;
use shared_service::database::{DbConnection, transaction};

const PER_STATEMENT: usize = 1000;
const PER_COMMIT: usize = 20;
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// The rows of one table that are on their way into it.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    connection: &'a mut DbConnection,
    table: &'static str,
    columns: &'static str,
    expected: u64,
    statement: String,
    in_statement: usize,
    statements: Vec<String>,
    added: u64,
    began: Instant,
    told: Instant,
}

impl<'a> Rows<'a> {
    /// `expected` is for the progress alone.
    pub(crate) fn into(
        connection: &'a mut DbConnection,
        table: &'static str,
        columns: &'static str,
        expected: u64,
    ) -> Self {
        let began = Instant::now();
        Self {
            connection,
            table,
            columns,
            expected,
            statement: String::new(),
            in_statement: 0,
            statements: Vec::new(),
            added: 0,
            began,
            told: began,
        }
    }

    /// Adds a row: its values, as SQL has them, with commas between.
    pub(crate) fn add(&mut self, values: Arguments<'_>) -> anyhow::Result<()> {
        if self.in_statement == 0 {
            write!(self.statement, "INSERT INTO {} ({}) VALUES ({values})", self.table, self.columns)?;
        } else {
            write!(self.statement, ",({values})")?;
        }
        self.in_statement += 1;
        if self.in_statement == PER_STATEMENT { self.end_statement() } else { Ok(()) }
    }

    fn end_statement(&mut self) -> anyhow::Result<()> {
        self.added += u64::try_from(self.in_statement)?;
        self.in_statement = 0;
        self.statements.push(std::mem::take(&mut self.statement));
        if self.statements.len() == PER_COMMIT { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        let statements = std::mem::take(&mut self.statements);
        transaction(self.connection, |c| {
            statements.iter().try_for_each(|statement| c.batch_execute(statement))
        })
        .with_context(|| format!("rows of {}", self.table))?;
        if self.told.elapsed() >= TOLD_EVERY {
            self.told = Instant::now();
            let left =
                self.began.elapsed().as_secs() * self.expected.saturating_sub(self.added) / self.added.max(1);
            println!("    {} of {}, {left} s left", self.so_far(), self.expected);
        }
        Ok(())
    }

    fn so_far(&self) -> String {
        let per_second = u128::from(self.added) * 1000 / self.began.elapsed().as_millis().max(1);
        format!("{:<20} {:>9} rows, {per_second:>7} rows/s", self.table, self.added)
    }

    /// Writes what is left. How many rows there were.
    pub(crate) fn finish(mut self) -> anyhow::Result<u64> {
        if self.in_statement > 0 {
            self.end_statement()?;
        }
        self.commit()?;
        println!("    {}, done", self.so_far());
        Ok(self.added)
    }
}

/// Bytes as PostgreSQL's literal, or as that of the others.
pub(crate) fn bytes_literal(is_postgres: bool, bytes: &[u8]) -> String {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    if is_postgres { format!("'\\x{hex}'") } else { format!("x'{hex}'") }
}

/// Nothing, or a text that needs no escaping.
pub(crate) fn nullable(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".into(), |text| format!("'{text}'"))
}
