//! SQLite: a file.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, SqliteConnection};

/// `busy_timeout` comes first, since switching to WAL takes a lock. `synchronous=FULL`: an acknowledged write survives
/// a power cut. A connection keeps at most 64 MiB of pages (SQLite's default is 2): enough for the upper levels of the
/// indices of ten million rows. A small database never comes to that.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;";

pub(super) fn connect(path: &Path) -> ConnectionResult<SqliteConnection> {
    create_file(path)
        .map_err(|error| ConnectionError::BadConnection(format!("{}: {error}", path.display())))?;
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
    connection.batch_execute(PRAGMAS).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Makes the file readable by its owner alone, before SQLite would make it readable by all.
pub(super) fn create_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(|_| ())
}

/// Deletes the file and those beside it, unless somebody has it open: he would go on with a file that nobody finds.
pub(super) fn delete(path: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(path.exists(), "there is no such file");
    // Only who is alone may leave WAL.
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
    if let Err(error) = connection.batch_execute("PRAGMA journal_mode = DELETE") {
        let is_in_use = error.to_string() == "database is locked";
        anyhow::ensure!(!is_in_use, "it is in use; stop the servers that use it first");
        // A text file named by mistake, for one.
        return Err(error.into());
    }
    drop(connection);
    for suffix in ["-wal", "-shm", ".migrate.lock"] {
        let mut companion = path.to_owned().into_os_string();
        companion.push(suffix);
        match std::fs::remove_file(companion) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(std::fs::remove_file(path)?)
}
