//! The throwaway database, and the least that it can be asked for: one row, by its key.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use diesel::{connection::SimpleConnection, prelude::*};
use shared_service::database::{DbConnection, connect};
use test_servers::{Engine, Options, Server};

use crate::process::{cpu_of, cpu_with_children};

/// As many as a server's pool holds. SQLite lets one write at a time, and the others wait for it by sleeping.
const CONNECTIONS: i64 = 8;
const ROWS_OF_EACH: i64 = 1000;

diesel::table! {
    measured {
        id -> BigInt,
        value -> BigInt,
    }
}

/// A database server of our own that keeps what it has acknowledged, or a folder of SQLite files.
#[derive(Debug)]
pub(crate) struct Databases {
    engine: Engine,
    server: Option<Server>,
    folder: PathBuf,
}

impl Databases {
    pub(crate) fn start(engine: Engine, folder: PathBuf) -> Self {
        let durable = || Options { durable: true, ..Options::default() };
        Self { engine, server: engine.kind().map(|kind| Server::start(kind, durable())), folder }
    }

    /// Makes a database, and tells its URL.
    pub(crate) fn create(&self, name: &str) -> String {
        let file = || format!("sqlite://{}", self.folder.join(name).with_extension("db").display());
        self.server.as_ref().map_or_else(file, |server| server.create_database(name))
    }

    /// The processor time that the database server has used; SQLite's is its caller's.
    pub(crate) fn cpu(&self) -> Result<Option<Duration>> {
        let Some(server) = &self.server else { return Ok(None) };
        let cpu = if self.engine == Engine::Postgres { cpu_with_children } else { cpu_of };
        Ok(Some(cpu(server.pid())?))
    }

    /// Connections that ask for single rows, each for its own.
    pub(crate) fn askers(&self) -> Result<Vec<Asker>> {
        let url = self.create("measured").parse().map_err(|error| anyhow::anyhow!("{error}"))?;
        let mut first = connect(&url)?;
        first
            .batch_execute("CREATE TABLE measured (id BIGINT NOT NULL PRIMARY KEY, value BIGINT NOT NULL)")?;
        let connections = if self.engine == Engine::Sqlite { 1 } else { CONNECTIONS };
        let rows: Vec<String> = (0..connections * ROWS_OF_EACH).map(|id| format!("({id},0)")).collect();
        first.batch_execute(&format!("INSERT INTO measured (id, value) VALUES {}", rows.join(",")))?;
        let asker = |number| {
            // Far enough apart that no two ever insert the same id.
            let (first, fresh) = (number * ROWS_OF_EACH, (number + 1) << 40);
            Ok(Asker { connection: connect(&url)?, first, turn: 0, fresh })
        };
        (0..connections).map(asker).collect()
    }
}

/// One connection to a table of two columns.
pub(crate) struct Asker {
    connection: DbConnection,
    /// The first of its rows.
    first: i64,
    turn: i64,
    /// The id of the next row that it adds.
    fresh: i64,
}

impl Asker {
    pub(crate) fn read(&mut self) -> Result<()> {
        let row = measured::table.find(self.next());
        row.select(measured::value).first::<i64>(&mut self.connection)?;
        Ok(())
    }

    pub(crate) fn update(&mut self) -> Result<()> {
        let row = measured::table.find(self.next());
        let set = measured::value.eq(measured::value + 1);
        let changed = diesel::update(row).set(set).execute(&mut self.connection)?;
        anyhow::ensure!(changed == 1, "{changed} rows changed in place of one");
        Ok(())
    }

    pub(crate) fn insert(&mut self) -> Result<()> {
        self.fresh += 1;
        let row = (measured::id.eq(self.fresh), measured::value.eq(0));
        diesel::insert_into(measured::table).values(row).execute(&mut self.connection)?;
        Ok(())
    }

    fn next(&mut self) -> i64 {
        self.turn += 1;
        self.first + self.turn % ROWS_OF_EACH
    }
}
