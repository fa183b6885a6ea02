//! What each statement reads, by the engine's own account, and whether that is bounded.

mod bounds;
mod catalogue;
mod mysql;
mod postgres;
mod report;
mod sqlite;

use shared_service::database::{DatabaseUrl, DbConnection, connect};

pub(crate) use report::{Report, examine};

use crate::statements::Statement;

/// What one statement did, or would do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    /// As people read it.
    pub(crate) text: String,
    /// Rows and index entries that were looked at, or as much work of another kind (see `unit`).
    pub(crate) examined: u64,
    /// What is counted.
    pub(crate) unit: &'static str,
    /// Rows that were read from a table or an index from its end or its beginning on, without looking for a key, by table.
    pub(crate) walked: Vec<(String, u64)>,
    /// Pages that were read for these rows, and not for writing; 0 where the engine does not tell.
    pub(crate) pages: u64,
    /// How often something was looked for, whether it was found or not.
    pub(crate) lookups: u64,
    /// What the planner expects it to cost, where that decides which plan is taken.
    pub(crate) cost: f64,
    /// Why it was not executed: what is here is what the engine expects then.
    pub(crate) not_executed: Option<String>,
}

/// What a plan is for, where it is not always the same one.
const FOR_THESE_VALUES: &str = "for these values";
const FOR_ANY_VALUES: &str = "for any values";

/// Asks one engine for plans.
pub(crate) enum Planner {
    Sqlite(rusqlite::Connection),
    Postgres(DbConnection),
    Mysql(DbConnection),
}

impl Planner {
    /// For statements of the database at this URL, as it was written.
    pub(crate) fn open(url: &DatabaseUrl, written: &str) -> anyhow::Result<Self> {
        if let Some(path) = written.strip_prefix("sqlite://") {
            return sqlite::open(path).map(Self::Sqlite);
        }
        let connection = connect(url)?;
        Ok(if matches!(connection, DbConnection::Postgres(_)) {
            Self::Postgres(connection)
        } else {
            Self::Mysql(connection)
        })
    }

    /// The plans of a statement, each with what it is the plan for. Whatever is executed for it is taken back.
    pub(crate) fn plans(
        &mut self,
        statement: &Statement,
        execute: bool,
    ) -> anyhow::Result<Vec<(&'static str, Plan)>> {
        match self {
            Self::Sqlite(connection) => Ok(vec![("", sqlite::plan(connection, statement, execute)?)]),
            Self::Postgres(connection) => postgres::plans(connection, statement, execute),
            Self::Mysql(connection) => Ok(vec![("", mysql::plan(connection, statement, execute)?)]),
        }
    }
}
