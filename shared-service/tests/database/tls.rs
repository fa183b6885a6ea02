//! What `sslmode` asks for is what happens, or nothing does.

use shared_service::database::connect;
use test_servers::{Options, Server};

use crate::{certificates::Certificates, number, parsed, refusal};

#[cfg(feature = "postgres-tls")]
pub(crate) fn postgres_with_tls(certificates: &Certificates) -> Server {
    let on = ["-c", "ssl=on", "-c", "ssl_cert_file=../server.pem", "-c", "ssl_key_file=../server.key"];
    let arguments = on.map(Into::into).into();
    Server::start(
        &test_servers::POSTGRES,
        Options { arguments, files: certificates.of_server(), ..Options::default() },
    )
}

pub(crate) fn mariadb_with_tls(certificates: &Certificates) -> Server {
    let arguments = ["--ssl-cert=../server.pem", "--ssl-key=../server.key"].map(Into::into).into();
    let options = Options { arguments, files: certificates.of_server(), ..Options::default() };
    Server::start(&test_servers::MARIADB, options)
}

/// By its name, which its certificate has; its address it has not.
fn by_name(server: &Server, database: &str) -> String {
    server.url(database).replace("127.0.0.1", "localhost")
}

#[cfg(feature = "postgres-tls")]
#[test]
fn tls_to_postgres_is_what_sslmode_says() {
    let certificates = Certificates::make();
    let server = postgres_with_tls(&certificates);
    let is_encrypted = "SELECT COUNT(*) AS number FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    let ca = |name: &str| certificates.path(name).display().to_string();
    let url = by_name(&server, "postgres");
    let opened = |query: &str| connect(&parsed(&format!("{url}?{query}"))).unwrap();
    assert_eq!(number(&mut opened("sslmode=disable"), is_encrypted).unwrap(), 0);
    assert_eq!(number(&mut opened("sslmode=require"), is_encrypted).unwrap(), 1);
    let full = format!("sslmode=verify-full&sslrootcert={}", ca("right.pem"));
    assert_eq!(number(&mut opened(&full), is_encrypted).unwrap(), 1);
    for mode in ["verify-ca", "verify-full"] {
        let why = refusal(&format!("{url}?sslmode={mode}&sslrootcert={}", ca("wrong.pem")));
        assert!(why.contains("certificate verify failed"), "{why}");
    }
    let why = refusal(&format!("{}?{full}", server.url("postgres")));
    assert!(why.contains("does not match host name"), "{why}");
}

#[test]
fn a_postgres_without_tls_is_refused_where_tls_is_asked_for() {
    let server = Server::start(&test_servers::POSTGRES, Options::default());
    let why = refusal(&format!("{}?sslmode=require", server.url("postgres")));
    let expected = if cfg!(feature = "postgres-tls") {
        "server does not support SSL"
    } else {
        "--features postgres-tls"
    };
    assert!(why.contains(expected), "{why}");
    assert!(connect(&parsed(&format!("{}?sslmode=prefer", server.url("postgres")))).is_ok());
}

#[test]
fn tls_to_mysql_is_what_sslmode_says() {
    let certificates = Certificates::make();
    let server = mariadb_with_tls(&certificates);
    let is_encrypted = "SELECT COUNT(*) AS number FROM information_schema.session_status \
                        WHERE variable_name = 'Ssl_cipher' AND variable_value <> ''";
    let ca = |name: &str| certificates.path(name).display().to_string();
    let url = by_name(&server, "mysql");
    let encrypted = |query: &str| {
        number(&mut connect(&parsed(&format!("{url}?{query}"))).unwrap(), is_encrypted).unwrap()
    };
    let full = format!("sslmode=verify-full&sslrootcert={}", ca("right.pem"));
    assert_eq!(
        ["sslmode=disable", "sslmode=prefer", "", "sslmode=require", &full].map(encrypted),
        [0, 1, 1, 1, 1]
    );
    for query in
        ["sslmode=verify-full".to_owned(), format!("sslmode=verify-full&sslrootcert={}", ca("wrong.pem"))]
    {
        let why = refusal(&format!("{url}?{query}"));
        assert!(why.contains("certificate") && !why.contains("Validation"), "{why}");
    }
    let why = refusal(&format!("{}?{full}", server.url("mysql")));
    assert!(why.contains("Validation of SSL server certificate failed"), "{why}");
}

#[test]
fn a_mysql_without_tls_is_refused_where_tls_is_asked_for() {
    let server = Server::start(
        &test_servers::MARIADB,
        Options { arguments: vec!["--skip-ssl".into()], ..Options::default() },
    );
    for mode in ["require", "verify-full"] {
        let why = refusal(&format!("{}?sslmode={mode}", server.url("mysql")));
        assert!(why.contains("TLS") || why.contains("SSL is required"), "{why}");
    }
    assert!(connect(&parsed(&format!("{}?sslmode=prefer", server.url("mysql")))).is_ok());
}
