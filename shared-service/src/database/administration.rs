//! Creating and dropping a database, and whether there is one.

#[cfg(feature = "sqlite")]
use anyhow::ensure;

use super::{DatabaseUrl, failure::with_advice};

/// Whether the database is there, as far as can be told without connecting: connecting makes a file that is missing.
pub fn is_there(url: &DatabaseUrl) -> bool {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => path.exists(),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(_) => true,
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(_) => true,
    }
}

/// Creates the database the URL names. It is an error if it is there already.
pub fn create(url: &DatabaseUrl) -> anyhow::Result<()> {
    let created = match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => {
            ensure!(!path.exists(), "{} exists already", path.display());
            super::sqlite::create_file(path).map_err(Into::into)
        }
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => super::postgres::create(url),
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(url) => super::mysql::create(url),
    };
    in_one_line(created)
}

/// Drops the database the URL names, with all that is in it, unless somebody is connected to it. (MySQL and MariaDB show the
/// connections of other users only to who has the privilege PROCESS.)
pub fn drop_database(url: &DatabaseUrl) -> anyhow::Result<()> {
    in_one_line(match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(path) => super::sqlite::delete(path),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(url) => super::postgres::drop_database(url),
        #[cfg(feature = "mysql")]
        DatabaseUrl::Mysql(url) => super::mysql::drop_database(url),
    })
}

fn in_one_line(done: anyhow::Result<()>) -> anyhow::Result<()> {
    done.map_err(|error| anyhow::Error::msg(with_advice(&error.to_string())))
}
