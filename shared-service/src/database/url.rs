//! Where the database is.

#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
#[cfg(any(feature = "postgres", feature = "mysql"))]
use url::Url;

/// A database URL whose scheme is known and whose engine is built in. `Debug` and `Display` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://data/auth.db` (relative) or `sqlite:///var/lib/auth.db` (absolute).
    #[cfg(feature = "sqlite")]
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/name?sslmode=…`, also with several hosts: `@one:5432,two:5432/name`.
    #[cfg(feature = "postgres")]
    Postgres(Url),
    /// `mysql://user:password@host:port/name?sslmode=…`
    #[cfg(feature = "mysql")]
    Mysql(Url),
}

const EXAMPLES: &str =
    "write sqlite://data/auth.db, postgres://user:password@host/name or mysql://user:password@host/name";

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) =
            text.split_once("://").ok_or_else(|| format!("is not a database URL; {EXAMPLES}"))?;
        match scheme {
            "sqlite" => sqlite(rest),
            "postgres" | "postgresql" => postgres(text),
            "mysql" | "mariadb" => mysql(text),
            _ => Err(format!("the scheme \"{scheme}\" is not a database we know; {EXAMPLES}")),
        }
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(path: &str) -> Result<DatabaseUrl, String> {
    match path {
        "" => Err("names no file; write for example sqlite://data/auth.db".into()),
        _ if path.starts_with(':') || path.starts_with("file:") => {
            Err("SQLite in memory would be another database on every connection; name a file".into())
        }
        _ => Ok(DatabaseUrl::Sqlite(PathBuf::from(path))),
    }
}

#[cfg(feature = "postgres")]
fn postgres(text: &str) -> Result<DatabaseUrl, String> {
    let url = server(&super::postgres::with_ports_as_a_parameter(text))?;
    super::postgres::refuse_what_cannot_be_had(&url)?;
    Ok(DatabaseUrl::Postgres(url))
}

#[cfg(feature = "mysql")]
fn mysql(text: &str) -> Result<DatabaseUrl, String> {
    let url = server(&text.replacen("mariadb://", "mysql://", 1))?;
    super::mysql::refuse_what_cannot_be_had(&url)?;
    Ok(DatabaseUrl::Mysql(url))
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn server(text: &str) -> Result<Url, String> {
    // The text may hold a password, so the error shows none of it.
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error}); {EXAMPLES}"))?;
    if url.fragment().is_some() || has_bad_escape(text) {
        return Err("has a # or % that stands for itself; write %23 or %25 in its place".into());
    }
    // Of two values one client library takes the first, and another the last.
    let mut names: Vec<_> = url.query_pairs().map(|(name, _)| name).collect();
    names.sort();
    if let Some((twice, _)) = names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next) {
        return Err(format!("has the parameter {twice} twice"));
    }
    match database_name(&url) {
        "" => Err(format!("names no database after the host; {EXAMPLES}")),
        // Of the client libraries one reads escapes here and the other does not.
        name if name.contains(['%', '/']) => {
            Err("names a database with characters that need escaping".into())
        }
        _ => Ok(url),
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) fn database_name(url: &Url) -> &str {
    url.path().trim_matches('/')
}

/// Whether a `%` is not followed by two hexadecimal digits: the client library would repeat it in its complaint.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn has_bad_escape(text: &str) -> bool {
    let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    text.split('%').skip(1).any(|rest| !is_escape(rest))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str) -> Result<DatabaseUrl, String> {
    Err(not_built_in("SQLite", "sqlite"))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str) -> Result<DatabaseUrl, String> {
    Err(not_built_in("PostgreSQL", "postgres"))
}

#[cfg(not(feature = "mysql"))]
fn mysql(_: &str) -> Result<DatabaseUrl, String> {
    Err(not_built_in("MySQL", "mysql"))
}

#[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn not_built_in(engine: &str, feature: &str) -> String {
    format!(
        "{engine} is not built into this program; build it with `cargo build --release --features {feature}`"
    )
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => redacted(url).fmt(f),
            #[cfg(feature = "mysql")]
            Self::Mysql(url) => redacted(url).fmt(f),
        }
    }
}

/// Without the password, and without the query, which may hold one too.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn redacted(url: &Url) -> Url {
    let mut shown = url.clone();
    if shown.password().is_some() && shown.set_password(Some("hidden")).is_err() {
        shown.set_host(None).ok();
    }
    shown.set_query(None);
    shown
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_used_is_refused_and_its_password_never_shown() {
        for bad in [
            "",
            "auth.db",
            "sqlite://",
            "sqlite://:memory:",
            "sqlite://file::memory:",
            "postgres://user:pa55%zz@host/name",
            "postgres://user:x@host/name#pa55",
            "redis://x/y",
            "postgres://user:pa55@host",
            "postgres://user:pa55@host/a%20b",
            "postgres://user:pa55@host/name?sslmode=pa55",
            "mysql://",
            "postgres://user:pa55@host/name?dbname=other",
            "postgres://user:pa55@host/name?sslmode=verify-full&ssl=true",
            "postgres://user:pa55@host/name?sslmode=prefer&sslmode=verify-full",
        ] {
            let error = bad.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.contains("pa55") && !error.contains('\n'), "{error}");
        }
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn display_hides_the_password() {
        let url: DatabaseUrl = "postgres://user:pa55@host/name?password=pa55".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://user:hidden@host/name");
        assert_eq!(format!("{url:?}"), url.to_string());
    }

    #[cfg(all(feature = "postgres", not(feature = "postgres-tls")))]
    #[test]
    fn tls_that_is_not_built_in_is_named_with_the_way_to_get_it() {
        for mode in ["require", "verify-ca", "verify-full"] {
            let error = format!("postgres://host/name?sslmode={mode}").parse::<DatabaseUrl>().unwrap_err();
            assert!(error.contains(mode) && error.contains("--features postgres-tls"), "{error}");
        }
        assert!("postgres://host/name?sslmode=prefer".parse::<DatabaseUrl>().is_ok());
    }

    #[cfg(not(feature = "mysql"))]
    #[test]
    fn an_engine_that_is_not_built_in_is_named_with_the_way_to_get_it() {
        let error = "mysql://host/name".parse::<DatabaseUrl>().unwrap_err();
        assert!(error.contains("--features mysql"), "{error}");
    }
}
