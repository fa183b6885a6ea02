//! PostgreSQL: what we ask of its client library.

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionResult, PgConnection};
use url::Url;

use super::tls_mode::TlsMode;

/// When a server that has gone silent is given up, unless the URL has limits of its own: while connecting (seconds); while
/// what was sent is not acknowledged (milliseconds); and while an answer is awaited from a host that is no longer there
/// (seconds of silence before it is asked, between questions, and how many).
const TIMEOUTS: [(&str, &str); 5] = [
    ("connect_timeout", "5"),
    ("tcp_user_timeout", "10000"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "3"),
    ("keepalives_count", "3"),
];

pub(super) fn connect(url: &Url) -> ConnectionResult<PgConnection> {
    PgConnection::establish(with_timeouts(url).as_str())
}

fn with_timeouts(url: &Url) -> Url {
    let mut limited = url.clone();
    for (name, value) in TIMEOUTS {
        if !url.query_pairs().any(|(known, _)| known == name) {
            limited.query_pairs_mut().append_pair(name, value);
        }
    }
    limited
}

/// The client library takes several hosts, each with a port. RFC 3986 has one port for all that stands before it; as a
/// parameter, `port=5432,5433`, there may be several.
pub(super) fn with_ports_as_a_parameter(text: &str) -> String {
    let Some((before, rest)) = text.split_once("://") else { return text.to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (user, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
    if !hosts.contains(',') || !hosts.contains(':') {
        return text.to_owned();
    }
    let of_each = hosts.split(',').map(|host| host.split_once(':').unwrap_or((host, "")));
    let (hosts, ports): (Vec<_>, Vec<_>) = of_each.unzip();
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{before}://{user}{}{path}{separator}port={}", hosts.join(","), ports.join(","))
}

/// The library itself says no more than that a value is invalid. What the URL leaves out is `prefer`: TLS if it is to be
/// had.
pub(super) fn refuse_what_cannot_be_had(url: &Url) -> Result<(), String> {
    if url.query_pairs().any(|(name, _)| name == "dbname") {
        return Err("names its database by dbname; write it behind the host".into());
    }
    // The library would read it as sslmode=require, and as the last word.
    if url.query_pairs().any(|(name, _)| name == "ssl") {
        return Err("has the parameter ssl; write sslmode=require or sslmode=verify-full".into());
    }
    let Some(mode) = TlsMode::of(url)? else { return Ok(()) };
    if mode.insists() && !cfg!(feature = "postgres-tls") {
        return Err(format!(
            "asks for sslmode={mode}, but TLS to PostgreSQL is not built into this program; build it with \
             `cargo build --release --features postgres-tls`"
        ));
    }
    Ok(())
}

/// Creates the database the URL names, from the server's own `postgres`.
pub(super) fn create(url: &Url) -> anyhow::Result<()> {
    execute_beside(url, |name| format!("CREATE DATABASE {name}"))
}

/// The server refuses while others are connected to it.
pub(super) fn drop_database(url: &Url) -> anyhow::Result<()> {
    execute_beside(url, |name| format!("DROP DATABASE {name}"))
}

fn execute_beside(url: &Url, statement: impl FnOnce(&str) -> String) -> anyhow::Result<()> {
    let name = super::url::database_name(url);
    let mut maintenance = url.clone();
    maintenance.set_path("/postgres");
    let mut connection = connect(&maintenance)?;
    Ok(connection.batch_execute(&statement(&format!("\"{}\"", name.replace('"', "\"\""))))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_several_hosts_keeps_its_port() {
        let several = "postgres://u:p@one:5432,two:5433/x?target_session_attrs=read-write";
        assert_eq!(
            with_ports_as_a_parameter(several),
            "postgres://u:p@one,two/x?target_session_attrs=read-write&port=5432,5433"
        );
        assert_eq!(
            with_ports_as_a_parameter("postgresql://one:5432,two/x"),
            "postgresql://one,two/x?port=5432,"
        );
        for alone in ["postgres://u:p@one:5432/x", "postgres://u@one,two/x", "postgres://u:a,b@one:1/x", "x"]
        {
            assert_eq!(with_ports_as_a_parameter(alone), alone);
        }
    }
}
