//! Migrations, embedded per engine and run under a lock, so that several instances may start at once.

use std::collections::BTreeMap;

use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};

use super::{DatabaseUrl, DbConnection, engine};

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
    /// The database cannot be reached.
    #[error("cannot open {url}: {reason}")]
    Connect {
        /// Which, without its password.
        url: String,
        /// Why not.
        reason: String,
    },
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
    /// Runs what is missing and tells its names. Waits while another instance does the same.
    pub fn run(self, url: &DatabaseUrl) -> Result<Vec<String>, MigrationError> {
        let _file_lock = lock_beside_file(url)?;
        let mut connection = connect(url)?;
        lock_on_server(&mut connection, url)?;
        let known = self.refuse_newer(&mut connection)?;
        let run = match &mut connection {
            #[cfg(feature = "sqlite")]
            DbConnection::Sqlite(c) => versions(c.run_pending_migrations(self.sqlite)),
            #[cfg(feature = "postgres")]
            DbConnection::Postgres(c) => versions(c.run_pending_migrations(self.postgres)),
            #[cfg(feature = "mysql")]
            DbConnection::Mysql(c) => versions(c.run_pending_migrations(self.mysql)),
        };
        let run = run.map_err(|error| MigrationError::Failed(error.to_string()))?;
        Ok(run.iter().filter_map(|version| known.get(version).cloned()).collect())
    }

    /// Every migration of this program, in order, and whether the database has it.
    pub fn status(&self, url: &DatabaseUrl) -> Result<Vec<MigrationStatus>, MigrationError> {
        if !engine::is_there(url) {
            return Err(no_connection(url, "there is no such file; run `db create`"));
        }
        let (known, applied) = self.known_and_applied(&mut connect(url)?)?;
        let status = |(version, name)| MigrationStatus { applied: applied.contains(&version), name };
        Ok(known.into_iter().map(status).collect())
    }

    /// This program's migrations, by version, if the database has no others.
    fn refuse_newer(
        &self,
        connection: &mut DbConnection,
    ) -> Result<BTreeMap<String, String>, MigrationError> {
        let (known, applied) = self.known_and_applied(connection)?;
        match applied.into_iter().find(|version| !known.contains_key(version)) {
            Some(version) => Err(MigrationError::Newer(version)),
            None => Ok(known),
        }
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
        read.map_err(|error| MigrationError::Failed(error.to_string()))
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

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

fn versions(run: Result<Vec<MigrationVersion<'_>>, Failure>) -> Result<Vec<String>, Failure> {
    Ok(run?.iter().map(ToString::to_string).collect())
}

fn connect(url: &DatabaseUrl) -> Result<DbConnection, MigrationError> {
    engine::connect(url).map_err(|error| no_connection(url, &error.to_string()))
}

fn no_connection(url: &DatabaseUrl, reason: &str) -> MigrationError {
    MigrationError::Connect { url: url.to_string(), reason: reason.trim_end().replace('\n', " ") }
}

/// Takes the lock that migrations of a file run under, which ends when the handle is dropped or the process dies. That is
/// before connecting: whoever connects first switches the file to WAL, and of two who do so at once SQLite refuses one
/// without letting it wait.
#[cfg_attr(not(feature = "sqlite"), expect(clippy::unnecessary_wraps, reason = "servers have no file"))]
fn lock_beside_file(url: &DatabaseUrl) -> Result<Option<std::fs::File>, MigrationError> {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => {
            let made = engine::create_file(path);
            made.map_err(|error| no_connection(url, &format!("{}: {error}", path.display())))?;
            lock_beside(url).map(Some)
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(_) => Ok(None),
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(_) => Ok(None),
    }
}

/// Takes the lock that migrations on a server run under. It belongs to the connection and ends with it.
#[cfg_attr(
    not(any(feature = "postgres", feature = "mysql")),
    expect(unused_variables, clippy::unnecessary_wraps, reason = "a file has no server")
)]
fn lock_on_server(connection: &mut DbConnection, url: &DatabaseUrl) -> Result<(), MigrationError> {
    match connection {
        #[cfg(feature = "sqlite")]
        DbConnection::Sqlite(_) => Ok(()),
        #[cfg(feature = "postgres")]
        DbConnection::Postgres(c) => {
            lock_on(c, "SELECT pg_advisory_lock(hashtext('latchkey-migrations'))", url)
        }
        #[cfg(feature = "mysql")]
        DbConnection::Mysql(c) => {
            lock_on(c, "DO GET_LOCK(CONCAT(DATABASE(), '-latchkey-migrations'), 60)", url)
        }
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn lock_on(
    connection: &mut impl diesel::connection::SimpleConnection,
    statement: &str,
    url: &DatabaseUrl,
) -> Result<(), MigrationError> {
    let locked = connection.batch_execute(statement);
    locked.map_err(|error| MigrationError::Failed(format!("{url} cannot be locked: {error}")))
}

#[cfg(feature = "sqlite")]
fn lock_beside(url: &DatabaseUrl) -> Result<std::fs::File, MigrationError> {
    use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt};
    let beside = format!("{}.migrate.lock", url.to_string().trim_start_matches("sqlite://"));
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&beside);
    opened
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|error| MigrationError::Failed(format!("{beside}: {error}")))
}
