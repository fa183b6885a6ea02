use std::time::Duration;

use serde::Deserialize;

use super::*;

const DEFAULTS: &str = r#"
listen = "127.0.0.1:8081"
[tokens]
access_ttl = "5m"
audience = "resource-api"
[passwords]
bcrypt_cost = 12
[database]
url = "sqlite://data/auth.db"
"#;

const SOURCE: Source<'_> = Source { prefix: "AUTH", default_toml: DEFAULTS, secrets: &["database.url"] };

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    listen: Listen,
    tokens: Tokens,
    passwords: Passwords,
    database: Database,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    access_ttl: Ttl,
    audience: List<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Passwords {
    bcrypt_cost: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Database {
    url: Secret,
    #[serde(default)]
    url_file: Option<String>,
}

fn load_with(environment: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    load(&SOURCE, None, environment.iter().map(|(k, v)| ((*k).into(), (*v).into())))
}

fn complaint(environment: &[(&str, &str)]) -> String {
    load_with(environment).unwrap_err().to_string()
}

#[test]
fn defaults_alone_are_enough() {
    let settings = load_with(&[]).unwrap();
    assert_eq!(settings.listen.0.port(), 8081);
    assert_eq!(settings.tokens.access_ttl.as_secs(), 300);
    assert_eq!(settings.passwords.bcrypt_cost, 12);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_defaults() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "[tokens]\naccess_ttl = \"1m\"\naudience = \"one\"\n").unwrap();
    let environment = [("AUTH__TOKENS__AUDIENCE".to_owned(), "a, b,".to_owned())];
    let settings: Settings = load(&SOURCE, Some(file.path()), environment).unwrap();
    assert_eq!(settings.tokens.access_ttl.as_secs(), 60);
    assert_eq!(&*settings.tokens.audience, ["a".to_owned(), "b".to_owned()]);
}

#[test]
fn a_bad_value_names_its_variable_the_fault_and_an_example_in_one_line() {
    let line = complaint(&[("AUTH__TOKENS__ACCESS_TTL", "5 parsecs")]);
    assert!(line.starts_with("AUTH__TOKENS__ACCESS_TTL: \"5 parsecs\" is not a length of time"), "{line}");
    assert!(line.ends_with("(for example AUTH__TOKENS__ACCESS_TTL=5m)"), "{line}");
    assert!(!line.contains('\n'));
    let line = complaint(&[("AUTH__PASSWORDS__BCRYPT_COST", "many")]);
    assert!(line.starts_with("AUTH__PASSWORDS__BCRYPT_COST: ") && line.contains("=12)"), "{line}");
}

#[test]
fn an_unknown_key_is_refused() {
    let line = complaint(&[("AUTH__TOKENS__ACCES_TTL", "5m")]);
    assert!(line.contains("AUTH__TOKENS") && line.contains("acces_ttl"), "{line}");
    assert!(complaint(&[("AUTH__LISTENING", "x")]).contains("listening"));
}

#[test]
fn a_secret_is_taken_from_its_file_and_never_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "00123456\n").unwrap();
    let path = file.path().to_str().unwrap();
    let settings = load_with(&[("AUTH__DATABASE__URL_FILE", path)]).unwrap();
    assert_eq!(settings.database.url.expose(), "00123456");
    assert!(settings.database.url_file.is_some());
    assert!(!format!("{settings:?}").contains("00123456"));
    assert!(complaint(&[("AUTH__DATABASE__URL_FILE", "/nowhere")]).contains("/nowhere"));
}

#[test]
fn a_file_that_is_not_toml_is_refused_without_showing_its_lines() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "listen = \"x\"\n[database]\nurl = \"hunter2 unterminated\n").unwrap();
    let line = load::<Settings>(&SOURCE, Some(file.path()), []).unwrap_err().to_string();
    assert!(line.contains("line 3") && !line.contains("hunter2") && !line.contains('\n'), "{line}");
}

#[test]
fn values_keep_their_spelling() {
    let settings = load_with(&[("AUTH__DATABASE__URL", "1e5")]).unwrap();
    assert_eq!(settings.database.url.expose(), "1e5");
    let issuer: BaseUrl = "https://Auth.Example.org/x".parse().unwrap();
    assert_eq!(issuer.as_str(), "https://Auth.Example.org/x");
}

#[test]
fn base_urls_and_origins_are_exact() {
    for bad in [
        "auth",
        "ftp://a",
        "https://a/",
        "https://a?x",
        "https://u:p@a",
        "https://a\r",
        " https://a",
        "https://a/b c",
    ] {
        assert!(bad.parse::<BaseUrl>().is_err(), "{bad}");
    }
    for bad in ["*", "http://a/", "http://a/x", "HTTP://a", "http://a:80", "null", "a"] {
        assert!(bad.parse::<Origin>().is_err(), "{bad}");
    }
    assert!("http://localhost:3000".parse::<Origin>().is_ok());
}

#[test]
fn rates_are_a_number_in_a_length_of_time() {
    let rate: Rate = "60/1m".parse().unwrap();
    assert_eq!(
        (rate.burst().get(), rate.interval(), rate.to_string().as_str()),
        (60, Duration::from_secs(1), "60/1m")
    );
    assert_eq!("1000000/1s".parse::<Rate>().unwrap().interval(), Duration::from_micros(1));
    assert_eq!("7/24h".parse::<Rate>().unwrap().to_string(), "7/1day");
    for bad in [
        "",
        "60",
        "/1m",
        "60/",
        "0/1m",
        "-1/1m",
        "1.5/1m",
        "60/1m/1m",
        "60 per minute",
        "60/0s",
        "60/999ms",
        "1/25h",
        "1000001/1m",
        "60/m",
    ] {
        let refusal = bad.parse::<Rate>().unwrap_err();
        assert!(refusal.contains(&format!("\"{bad}\"")) && refusal.contains("such as 60/1m"), "{refusal}");
    }
}
