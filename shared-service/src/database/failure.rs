//! What the engines say when something fails: what passes, what is told to a person, and in how many words.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error};

use super::DatabaseUrl;

/// The database cannot be opened. One line, without the password.
#[derive(Debug, Clone, thiserror::Error)]
#[error("cannot open {url}: {reason}")]
pub struct CannotOpen {
    url: String,
    reason: String,
}

impl CannotOpen {
    pub(super) fn new(url: &DatabaseUrl, reason: &str) -> Self {
        Self { url: url.to_string(), reason: one_line(reason) }
    }

    pub(super) fn by(url: &DatabaseUrl, error: &ConnectionError) -> Self {
        Self::new(url, &with_advice(&error.to_string()))
    }
}

/// What a part of an engine's complaint means to whoever runs the program.
const ADVICE: [(&str, &str); 17] = [
    ("Connection refused", "does the server run, and on this port?"),
    ("Can't connect to", "does the server run, and on this port?"),
    ("could not translate host name", "is the host's name right?"),
    ("Unknown server host", "is the host's name right?"),
    ("Unknown MySQL server host", "is the host's name right?"),
    ("timeout expired", "is the host right, and is there a firewall?"),
    ("handshake: reading initial", "is the host right, and is there a firewall?"),
    ("password authentication failed", "check the user and the password in the URL"),
    ("no password supplied", "write the password into the URL"),
    ("using password: NO", "check the user, and write the password into the URL"),
    ("to database", "the user may not use this database: GRANT ALL ON the database TO the user"),
    ("Access denied for user", "check the user and the password in the URL"),
    ("Unknown database", "run `db create`"),
    ("permission denied for database", "GRANT CONNECT ON DATABASE … TO the user"),
    ("permission denied to create database", "ALTER ROLE … CREATEDB, or let an administrator create it"),
    ("is being accessed by other users", "stop the servers that use it first"),
    ("permission denied for schema", "GRANT CREATE ON SCHEMA … TO the user"),
];

/// The engine's complaint in one line, and what to do about it if that is known, in the place of libpq's own advice.
pub(super) fn with_advice(complaint: &str) -> String {
    let told = |line: &&str| !line.starts_with('\t');
    let complaint = one_line(&complaint.lines().filter(told).collect::<Vec<_>>().join(" "));
    let is_missing = complaint.contains("database \"") && complaint.ends_with("\" does not exist");
    let known = ADVICE.iter().find(|(part, _)| complaint.contains(part)).map(|(_, advice)| *advice);
    match known.or(is_missing.then_some("run `db create`")) {
        Some(advice) => format!("{complaint}; {advice}"),
        None => complaint,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a query failed because the same key is already there.
pub fn is_unique_violation(error: &Error) -> bool {
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

/// Whether a transaction was broken off because it and another waited for each other. It has left nothing behind, and may
/// be tried again at once.
pub fn is_deadlock(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, info) => info.message() == "deadlock detected",
        _ => false,
    }
}

/// How what the engines say begins, in errors of no kind that is known to Diesel, when the same may well succeed a moment
/// later: a lock that was not to be had, two that waited for each other, a server that goes away or has become a replica.
/// (Diesel gives no code. MySQL is asked to speak English; PostgreSQL lets only administrators ask for that.)
const PASSING: [&str; 22] = [
    "database is locked",
    // PostgreSQL
    "deadlock detected",
    "canceling statement due to lock timeout",
    "canceling statement due to statement timeout",
    "canceling statement due to conflict with recovery",
    "terminating connection due to",
    "the database system is ",
    "server closed the connection unexpectedly",
    "could not receive data from server",
    "SSL connection has been closed unexpectedly",
    "SSL SYSCALL error",
    // MySQL, MariaDB and their client libraries
    "Lock wait timeout exceeded; try restarting transaction",
    "Deadlock found when trying to get lock",
    "Server has gone away",
    "MySQL server has gone away",
    "Lost connection to",
    "TLS/SSL error",
    "Server shutdown in progress",
    "Connection was killed",
    "Query execution was interrupted",
    "Got timeout reading communication packets",
    "Got an error reading communication packets",
];

/// The same of a MySQL or MariaDB that writes no more.
const READ_ONLY: [&str; 3] = [
    "The MySQL server is running with the --",
    "The MariaDB server is running with the --",
    "Cannot execute statement in a READ ONLY transaction",
];

/// Whether the server refused to write, as a replica does.
pub(super) fn is_read_only_refusal(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, info) => begins(info.message(), &READ_ONLY),
        Error::RollbackErrorOnCommit { commit_error, .. } => is_read_only_refusal(commit_error),
        _ => false,
    }
}

fn begins(message: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| message.starts_with(beginning))
}

/// Whether a query failed for reasons that pass: the server went away, is a replica for now, or a lock was not to be had
/// in time.
pub fn is_transient(error: &Error) -> bool {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::SerializationFailure
            | DatabaseErrorKind::UnableToSendCommand,
            _,
        )
        | Error::BrokenTransactionManager => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, info) if begins(info.message(), &PASSING) => true,
        Error::RollbackErrorOnCommit { commit_error, .. } => is_transient(commit_error),
        other => is_read_only_refusal(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(message: &str) -> Error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
    }

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for passing in [
            "database is locked",
            "terminating connection due to administrator command",
            "the database system is starting up",
            "Lost connection to server during query",
            "TLS/SSL error: unexpected eof while reading",
            "The MariaDB server is running with the --read-only option so it cannot execute this statement",
            "Query execution was interrupted (max_statement_time exceeded)",
        ] {
            assert!(is_transient(&unknown(passing)), "{passing}");
        }
        for lasting in
            ["relation \"users\" does not exist", "Table 'x.users' doesn't exist", "disk I/O error"]
        {
            assert!(!is_transient(&unknown(lasting)), "{lasting}");
        }
        assert!(!is_transient(&Error::NotFound));
        let on_commit = |message| Error::RollbackErrorOnCommit {
            rollback_error: Box::new(unknown("Server has gone away")),
            commit_error: Box::new(unknown(message)),
        };
        assert!(is_transient(&on_commit("Lost connection to server during query")));
        assert!(!is_transient(&on_commit("disk I/O error")));
    }

    #[test]
    fn a_complaint_is_told_in_one_line_with_what_to_do() {
        let refused = "connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server \
                       running on that host and accepting TCP/IP connections?\n";
        let told = with_advice(refused);
        assert!(
            told.ends_with("failed: Connection refused; does the server run, and on this port?"),
            "{told}"
        );
        let missing = "connection to server failed: FATAL:  database \"auth\" does not exist\n";
        assert!(with_advice(missing).ends_with("; run `db create`"));
        assert_eq!(with_advice("something else"), "something else");
    }
}
