//! Migrations, embedded per engine and run under a lock, so that several instances may start at once.

use std::collections::BTreeMap;

#[cfg(feature = "postgres")]
use diesel::connection::{Connection, SimpleConnection};
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

#[cfg(feature = "sqlite")]
use super::sqlite;
use super::{CannotOpen, DatabaseUrl, DbConnection, engine, failure::with_advice, is_there, migration_lock};

/// A program's migrations, by `embed_migrations!`: the same names for every engine.
pub struct Migrations {
    /// For SQLite.
    pub sqlite: EmbeddedMigrations,
    /// For PostgreSQL.
    pub postgres: EmbeddedMigrations,
    /// For MySQL and MariaDB.
    pub mysql: EmbeddedMigrations,
}

impl std::fmt::Debug for Migrations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Migrations")
    }
}

/// One migration, and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// The migration's folder name.
    pub name: String,
    /// Whether it has been run.
    pub applied: bool,
}

/// Why the migrations were not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database cannot be reached, or is not there.
    #[error(transparent)]
    Connect(#[from] CannotOpen),
    /// A later version of the program has changed the database.
    #[error(
        "the database was migrated by a newer version (it has {0}); run that version, or restore a backup"
    )]
    Newer(String),
    /// A migration or its lock failed.
    #[error("migrating the database failed: {0}")]
    Failed(String),
}

impl Migrations {
    /// Runs what is missing and tells its names. Waits while another instance does the same, and says so in the log.
    pub fn run(self, url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
        let _lock_of_a_file = lock_file(url)?;
        match engine::connect(url)? {
            #[cfg(feature = "sqlite")]
            DbConnection::Sqlite(mut c) => run_pending::<diesel::sqlite::Sqlite, _>(&mut c, self.sqlite),
            // All or nothing: here a transaction undoes changes of the schema too.
            #[cfg(feature = "postgres")]
            DbConnection::Postgres(mut c) => c.transaction(|c| {
                c.batch_execute(NO_LIMITS)?;
                migration_lock::hold_on_postgres(c)?;
                run_pending::<diesel::pg::Pg, _>(c, self.postgres)
            }),
            #[cfg(feature = "mysql")]
            DbConnection::Mysql(mut c) => {
                migration_lock::hold_on_mysql(&mut c)?;
                run_pending::<diesel::mysql::Mysql, _>(&mut c, self.mysql)
            }
        }
    }

    /// Every migration of this program, in order, and whether the database has it.
    pub fn status(&self, url: &DatabaseUrl) -> Result<Vec<MigrationStatus>, MigrationError> {
        if !is_there(url) {
            return Err(CannotOpen::new(url, "there is no such file; run `db create`").into());
        }
        let (known, applied) = self.known_and_applied(&mut engine::connect(url)?)?;
        let status = |(version, name)| MigrationStatus { applied: applied.contains(&version), name };
        Ok(known.into_iter().map(status).collect())
    }

    /// This program's migrations, and the versions the database has.
    fn known_and_applied(&self, connection: &mut DbConnection) -> Result<State, MigrationError> {
        let read = match connection {
            #[cfg(feature = "sqlite")]
            DbConnection::Sqlite(c) => read_state::<diesel::sqlite::Sqlite, _>(c, &self.sqlite),
            #[cfg(feature = "postgres")]
            DbConnection::Postgres(c) => read_state::<diesel::pg::Pg, _>(c, &self.postgres),
            #[cfg(feature = "mysql")]
            DbConnection::Mysql(c) => read_state::<diesel::mysql::Mysql, _>(c, &self.mysql),
        };
        Ok(read?)
    }
}

/// In the place of what the server's administrator may have set for other work: whoever has waited for the lock must see what was
/// done meanwhile. (PostgreSQL 17 brought the last one.)
#[cfg(feature = "postgres")]
const NO_LIMITS: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; \
                         SET LOCAL lock_timeout = 0; \
                         SET LOCAL idle_in_transaction_session_timeout = 0; \
                         SELECT set_config('transaction_timeout', '0', true) \
                         WHERE current_setting('transaction_timeout', true) IS NOT NULL";

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl From<Failure> for MigrationError {
    fn from(error: Failure) -> Self {
        Self::Failed(with_advice(&error.to_string()))
    }
}

impl From<diesel::result::Error> for MigrationError {
    fn from(error: diesel::result::Error) -> Self {
        Failure::from(error).into()
    }
}

/// The names of known migrations by version, and the versions that were applied.
type State = (BTreeMap<String, String>, Vec<String>);

fn read_state<DB, C>(connection: &mut C, migrations: &EmbeddedMigrations) -> Result<State, Failure>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let known = migrations.migrations()?.into_iter();
    let named = |migration: Box<dyn Migration<DB>>| {
        (migration.name().version().to_string(), migration.name().to_string())
    };
    let applied = connection.applied_migrations()?.iter().map(ToString::to_string).collect();
    Ok((known.map(named).collect(), applied))
}

fn run_pending<DB, C>(
    connection: &mut C,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>, MigrationError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let (known, applied) = read_state::<DB, C>(connection, &migrations)?;
    if let Some(version) = applied.into_iter().find(|version| !known.contains_key(version)) {
        return Err(MigrationError::Newer(version));
    }
    let run = connection.run_pending_migrations(migrations)?;
    Ok(run.iter().filter_map(|version| known.get(&version.to_string()).cloned()).collect())
}

/// Takes the lock of a file before connecting: whoever connects first switches the file to WAL, and of two who do so at once
/// SQLite refuses one without letting it wait.
#[cfg_attr(not(feature = "sqlite"), expect(clippy::unnecessary_wraps, reason = "servers have no file"))]
fn lock_file(url: &DatabaseUrl) -> Result<Option<std::fs::File>, CannotOpen> {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => sqlite::create_file(path)
            .and_then(|()| migration_lock::hold_beside(path).map(Some))
            .map_err(|error| CannotOpen::new(url, &error.to_string())),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(_) => Ok(None),
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(_) => Ok(None),
    }
}
