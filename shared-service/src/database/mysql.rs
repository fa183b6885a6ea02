//! MySQL and MariaDB: what we ask of their client library, by way of the URL that Diesel hands to it.
//!
//! There are two such libraries. MySQL's own takes an `ssl_mode` from Diesel. MariaDB's, which is what Debian has, ignores it
//! without a word, and would go on in plain text where TLS was asked for; but it reads settings from the place of the host's
//! name (`host=…;ssl-enforce=1`), and those are kept. Either way the session is asked afterwards whether it is encrypted.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, ConnectionError, ConnectionResult, MysqlConnection, QueryableByName, RunQueryDsl};
use url::Url;

use super::tls_mode::TlsMode;

const IS_MARIADBS_LIBRARY: bool = !mysqlclient_sys::SUPPORTS_MYSQL_SSL_MODE;
/// Seconds.
const CONNECT_TIMEOUT: u32 = 5;
/// Names in a URL, and what Diesel calls them.
const FILES: [(&str, &str); 3] = [("sslrootcert", "ssl_ca"), ("sslcert", "ssl_cert"), ("sslkey", "ssl_key")];
/// The isolation that PostgreSQL has by default: a statement sees what was committed before it, and locks nothing that
/// it only reads. Errors in English, for we have to read them. One index for each table in a statement: MariaDB would join
/// the few entries that one finds with half of all that another has.
const SETTINGS: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
                        SET SESSION lc_messages = 'en_US', SESSION optimizer_switch = 'index_merge=off'";

pub(super) fn connect(url: &Url) -> ConnectionResult<MysqlConnection> {
    let mode = mode(url).map_err(ConnectionError::InvalidConnectionUrl)?;
    let mut connection = MysqlConnection::establish(for_the_library(url, mode).as_str())?;
    if mode.insists() {
        refuse_plain_text(&mut connection, mode)?;
    }
    connection.batch_execute(SETTINGS).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// TLS if it is to be had, unless the URL says otherwise. A socket is on this machine.
fn mode(url: &Url) -> Result<TlsMode, String> {
    let unsaid = if value(url, "unix_socket").is_some() { TlsMode::Disable } else { TlsMode::Prefer };
    Ok(TlsMode::of(url)?.unwrap_or(unsaid))
}

fn value(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Whatever the library would ignore is refused here.
pub(super) fn refuse_what_cannot_be_had(url: &Url) -> Result<(), String> {
    let known = |name: &str| {
        ["sslmode", "unix_socket"].contains(&name) || FILES.iter().any(|(known, _)| name == *known)
    };
    if let Some((name, _)) = url.query_pairs().find(|(name, _)| !known(name)) {
        return Err(format!(
            "has the parameter {name}, which is not one of sslmode, sslrootcert, sslcert, sslkey, unix_socket"
        ));
    }
    let host = url.host_str().unwrap_or_default();
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if host.is_empty() || !host.chars().all(of_a_name) {
        return Err("needs a host's name, or an address of the form 192.0.2.1".into());
    }
    let (mode, is_local) = (mode(url)?, value(url, "unix_socket").is_some());
    if is_local && (host != "localhost" || mode.insists()) {
        return Err("has a unix_socket, which goes with the host localhost, and without TLS".into());
    }
    if !IS_MARIADBS_LIBRARY && host == "localhost" && !is_local {
        return Err(
            "has the host localhost, which MySQL's client library takes for a socket; write 127.0.0.1, or \
                    name the socket by unix_socket=PATH"
                .into(),
        );
    }
    if IS_MARIADBS_LIBRARY && mode == TlsMode::VerifyCa {
        return Err(
            "asks for sslmode=verify-ca, which MariaDB's client library cannot do; write verify-full".into(),
        );
    }
    Ok(())
}

/// The URL as Diesel and the library understand it.
fn for_the_library(url: &Url, mode: TlsMode) -> Url {
    let mut understood = url.clone();
    understood.set_query(None);
    let mut put = |name: &str, value: &str| {
        understood.query_pairs_mut().append_pair(name, value);
    };
    for (ours, diesels) in FILES.into_iter().filter(|_| mode != TlsMode::Disable) {
        if let Some(file) = value(url, ours) {
            put(diesels, &file);
        }
    }
    if let Some(socket) = value(url, "unix_socket") {
        put("unix_socket", &socket);
        return understood;
    }
    if IS_MARIADBS_LIBRARY {
        let host = settings_as_host(url.host_str().unwrap_or_default(), mode);
        understood.set_host(Some(&host)).ok();
    } else {
        put("ssl_mode", mysqls_name(mode));
    }
    understood
}

/// `protocol=1` is TCP: otherwise `localhost` would mean a socket, whatever the port.
fn settings_as_host(host: &str, mode: TlsMode) -> String {
    let (tls, verified) = (u8::from(mode != TlsMode::Disable), u8::from(mode == TlsMode::VerifyFull));
    format!(
        "host={host};protocol=1;connect-timeout={CONNECT_TIMEOUT};ssl-enforce={tls};\
         ssl-verify-server-cert={verified}"
    )
}

fn mysqls_name(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::Disable => "disabled",
        TlsMode::Allow | TlsMode::Prefer => "preferred",
        TlsMode::Require => "required",
        TlsMode::VerifyCa => "verify_ca",
        TlsMode::VerifyFull => "verify_identity",
    }
}

#[derive(QueryableByName)]
struct Status {
    #[diesel(sql_type = Text, column_name = "Value")]
    value: String,
}

fn refuse_plain_text(connection: &mut MysqlConnection, mode: TlsMode) -> ConnectionResult<()> {
    let cipher: Vec<Status> = diesel::sql_query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        .load(connection)
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    if cipher.iter().all(|status| status.value.is_empty()) {
        let why = format!("the server offers no TLS, which sslmode={mode} asks for");
        return Err(ConnectionError::BadConnection(why));
    }
    Ok(())
}

/// Creates the database the URL names, from the server's own `information_schema`.
pub(super) fn create(url: &Url) -> anyhow::Result<()> {
    let name = quoted(url);
    Ok(maintenance(url)?.batch_execute(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"))?)
}

#[derive(QueryableByName)]
struct Connected {
    #[diesel(sql_type = BigInt)]
    others: i64,
}

/// Unlike PostgreSQL the server would not mind that others are connected. We see those of our own user.
pub(super) fn drop_database(url: &Url) -> anyhow::Result<()> {
    let mut maintenance = maintenance(url)?;
    let connected: Connected =
        diesel::sql_query("SELECT COUNT(*) AS others FROM information_schema.processlist WHERE db = ?")
            .bind::<Text, _>(super::url::database_name(url))
            .get_result(&mut maintenance)?;
    anyhow::ensure!(
        connected.others == 0,
        "there are {} connections to it; stop the servers that use it first",
        connected.others
    );
    Ok(maintenance.batch_execute(&format!("DROP DATABASE {}", quoted(url)))?)
}

fn maintenance(url: &Url) -> ConnectionResult<MysqlConnection> {
    let mut maintenance = url.clone();
    maintenance.set_path("/information_schema");
    connect(&maintenance)
}

fn quoted(url: &Url) -> String {
    format!("`{}`", super::url::database_name(url).replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_library_would_ignore_is_refused() {
        for bad in [
            "mysql://u@h/x?ssl_mode=required",
            "mysql://u@h/x?sslmode=yes",
            "mysql://u@h;ssl-enforce=0/x",
            "mysql://u@[::1]/x",
            "mysql:///x",
            "mysql://u@h/x?unix_socket=/s",
            "mysql://u@localhost/x?unix_socket=/s&sslmode=require",
        ] {
            assert!(refuse_what_cannot_be_had(&parsed(bad)).is_err(), "{bad}");
        }
        for good in [
            "mysql://u@h/x?sslmode=verify-full&sslrootcert=/ca.pem",
            "mysql://u@127.0.0.1:3307/x",
            "mysql://u@localhost/x?unix_socket=/s",
        ] {
            assert_eq!(refuse_what_cannot_be_had(&parsed(good)), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_the_url_asks_for_is_what_the_library_is_told() {
        let url = parsed("mysql://u:p@db.example:3307/x?sslmode=verify-full&sslrootcert=/etc/ca.pem");
        let told = for_the_library(&url, TlsMode::VerifyFull);
        assert_eq!(value(&told, "ssl_ca").as_deref(), Some("/etc/ca.pem"));
        let host = told.host_str().unwrap();
        if IS_MARIADBS_LIBRARY {
            assert_eq!(host, settings_as_host("db.example", TlsMode::VerifyFull));
            assert!(host.ends_with(";ssl-enforce=1;ssl-verify-server-cert=1"), "{host}");
        } else {
            assert_eq!((host, value(&told, "ssl_mode").as_deref()), ("db.example", Some("verify_identity")));
        }
    }
}
