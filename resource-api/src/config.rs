//! The settings; `config/default.toml` holds every one with its default and its meaning.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use shared_claims::{Clock, KeySet, Verifier};
use shared_service::config::{
    BaseUrl, ConfigError, List, Listen, Origin, Secret, Source, Ttl, empty_is_none,
};
use shared_service::database::DatabaseUrl;

const SOURCE: Source<'static> = Source {
    prefix: "API",
    default_toml: include_str!("../config/default.toml"),
    secrets: &["database.url", "service.client_id", "service.client_secret"],
};

/// A verifier takes no longer one.
const LONGEST_LEEWAY: Duration = Duration::from_mins(1);

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: Listen,
    /// This API's own URL, as clients know it.
    pub public_url: BaseUrl,
    /// Where posts and follows are kept.
    pub database: Database,
    /// Whose tokens are trusted.
    pub auth: Auth,
    /// Who this service is when it calls others.
    pub service: Service,
    /// Which pages may call.
    pub cors: Cors,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Engine and place.
    pub url: DatabaseUrl,
    /// A file that holds the URL.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub url_file: Option<PathBuf>,
    /// How many connections are kept at most.
    pub pool_size: u32,
}

/// `[auth]`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The exact `iss` that is trusted.
    pub issuer: BaseUrl,
    /// Where the issuer is reached from here; `None` is the issuer itself.
    #[serde(deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub internal_url: Option<BaseUrl>,
    /// What must be in `aud`.
    pub audience: String,
    /// Keys that are given rather than fetched.
    #[serde(deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub public_key_file: Option<PathBuf>,
    /// How far the clocks may differ.
    pub leeway: Ttl,
    /// Whether tokens are looked up in the issuer's status lists.
    pub revocation: Revocation,
}

/// Whether a revoked token is refused, or every token is good until it expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they say it all")]
pub enum Revocation {
    On,
    Off,
}

impl<'de> Deserialize<'de> for Revocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            other => Err(D::Error::custom(format!("\"{other}\" is neither on nor off"))),
        }
    }
}

/// `[service]`: who this service is when it calls auth-server. Both or neither.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The client's id.
    #[serde(deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// A file that holds the id.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub client_id_file: Option<PathBuf>,
    /// The client's secret.
    #[serde(deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// A file that holds the secret.
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
}

/// `[cors]`
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Origins whose pages may call.
    pub allowed_origins: List<Origin>,
}

impl Config {
    /// Reads the settings from the defaults, then `file`, then `environment` (`API__…`).
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let config: Self = shared_service::config::load(&SOURCE, file, environment)?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        if self.auth.audience.trim().is_empty() {
            return Err(
                SOURCE.complain("auth.audience", "must not be empty: a token for anybody is for nobody")
            );
        }
        if *self.auth.leeway > LONGEST_LEEWAY {
            return Err(SOURCE.complain(
                "auth.leeway",
                "must be at most 1m: auth-server forgets a minute after a token's expiry that it was revoked",
            ));
        }
        if self.database.pool_size == 0 {
            return Err(SOURCE.complain("database.pool_size", "must be at least 1"));
        }
        self.service.validate()
    }
}

impl Service {
    /// The client's id and secret, if this service is a client of auth-server.
    pub fn credentials(&self) -> Option<(&str, &Secret)> {
        self.client_id.as_deref().zip(self.client_secret.as_ref())
    }

    /// Half a pair would be no client at all, and nobody would know why.
    fn validate(&self) -> Result<(), ConfigError> {
        let (id, secret) = ("service.client_id", "service.client_secret");
        for (key, file, is_set) in [
            (id, &self.client_id_file, self.client_id.is_some()),
            (secret, &self.client_secret_file, self.client_secret.is_some()),
        ] {
            if let Some(file) = file.as_ref().filter(|_| !is_set) {
                let reason = format!("{} is empty", file.display());
                return Err(SOURCE.complain(&format!("{key}_file"), reason));
            }
        }
        let lacks = |lacking, given| {
            let reason = format!("is missing, but {} is set: set both, or neither", SOURCE.variable(given));
            Err(SOURCE.complain(lacking, reason))
        };
        match (&self.client_id, &self.client_secret) {
            (Some(_), None) => lacks(secret, id),
            (None, Some(_)) => lacks(id, secret),
            _ => Ok(()),
        }
    }
}

impl Auth {
    /// Who checks tokens by these settings. The key file, if one is named, is read now.
    pub fn verifier(&self, clock: Clock) -> Result<Verifier, ConfigError> {
        let mut verifier =
            Verifier::builder(self.issuer.as_str(), &self.audience).leeway(*self.leeway).clock(clock);
        if let Some(url) = &self.internal_url {
            verifier = verifier.internal_url(url.as_str());
        }
        if self.revocation == Revocation::Off {
            verifier = verifier.without_revocation();
        }
        if let Some(path) = &self.public_key_file {
            let refuse =
                |reason| SOURCE.complain("auth.public_key_file", format!("{}: {reason}", path.display()));
            let contents = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
            let keys = KeySet::from_file_contents(&contents).map_err(|error| refuse(error.to_string()))?;
            verifier = verifier.keys(keys);
        }
        verifier.build().map_err(|error| SOURCE.complain("auth.issuer", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config, String> {
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Config::load(None, environment).map_err(|error| error.to_string())
    }

    #[test]
    fn the_defaults_are_those_of_the_contract() {
        let config = load(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8082");
        assert_eq!(config.public_url.as_str(), "http://localhost:8082");
        assert_eq!(config.database.url.to_string(), "sqlite://data/api.db");
        assert_eq!(config.auth.issuer.as_str(), "http://localhost:8081");
        assert_eq!(config.auth.internal_url, None);
        assert_eq!(config.auth.audience, "resource-api");
        assert_eq!(config.auth.public_key_file, None);
        assert_eq!(config.auth.leeway.as_secs(), 5);
        assert_eq!(config.auth.revocation, Revocation::On);
        assert!(config.service.credentials().is_none());
        assert_eq!(config.cors.allowed_origins[0].as_str(), "http://localhost:3000");
    }

    #[test]
    fn every_setting_can_come_from_the_environment() {
        let config = load(&[
            ("API__LISTEN", "0.0.0.0:0"),
            ("API__PUBLIC_URL", "https://api.example.org"),
            ("API__DATABASE__URL", "sqlite:///tmp/x.db"),
            ("API__DATABASE__POOL_SIZE", "3"),
            ("API__AUTH__ISSUER", "https://auth.example.org"),
            ("API__AUTH__INTERNAL_URL", "http://auth:8081"),
            ("API__AUTH__AUDIENCE", "posts"),
            ("API__AUTH__PUBLIC_KEY_FILE", "/keys/public.pem"),
            ("API__AUTH__LEEWAY", "1m"),
            ("API__AUTH__REVOCATION", "off"),
            ("API__SERVICE__CLIENT_ID", "svc_1"),
            ("API__SERVICE__CLIENT_SECRET", "00123456"),
            ("API__CORS__ALLOWED_ORIGINS", "https://a.example.org,https://b.example.org"),
        ])
        .unwrap();
        assert_eq!(config.database.pool_size, 3);
        assert_eq!(config.auth.internal_url.unwrap().as_str(), "http://auth:8081");
        assert_eq!(config.auth.public_key_file.unwrap(), Path::new("/keys/public.pem"));
        assert_eq!(config.auth.leeway.as_secs(), 60);
        assert_eq!(config.auth.revocation, Revocation::Off);
        let (id, secret) = config.service.credentials().unwrap();
        assert_eq!((id, secret.expose()), ("svc_1", "00123456"));
        assert_eq!(config.cors.allowed_origins.len(), 2);
    }

    #[test]
    fn a_setting_that_cannot_be_used_is_named_in_one_line() {
        for (name, value) in [
            ("API__LISTEN", "here"),
            ("API__PUBLIC_URL", "http://localhost:8082/"),
            ("API__DATABASE__URL", "redis://x"),
            ("API__DATABASE__POOL_SIZE", "0"),
            ("API__AUTH__ISSUER", "auth"),
            ("API__AUTH__AUDIENCE", " "),
            ("API__AUTH__LEEWAY", "5"),
            ("API__AUTH__LEEWAY", "61s"),
            ("API__AUTH__REVOCATION", "true"),
            ("API__CORS__ALLOWED_ORIGINS", "*"),
        ] {
            let line = load(&[(name, value)]).unwrap_err();
            assert!(line.starts_with(name) && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn a_client_has_an_id_and_a_secret_or_there_is_none() {
        for (given, lacking) in [("CLIENT_ID", "CLIENT_SECRET"), ("CLIENT_SECRET", "CLIENT_ID")] {
            let line = load(&[(&format!("API__SERVICE__{given}"), "s3cret")]).unwrap_err();
            assert!(line.starts_with(&format!("API__SERVICE__{lacking}: ")), "{line}");
            assert!(line.contains(&format!("API__SERVICE__{given} is set")), "{line}");
            assert!(!line.contains("s3cret") && !line.contains('\n'), "{line}");
        }
        let unset = load(&[("API__SERVICE__CLIENT_ID", ""), ("API__SERVICE__CLIENT_SECRET", "")]).unwrap();
        assert!(unset.service.credentials().is_none());
    }

    #[test]
    fn a_clients_id_and_secret_may_be_in_files_that_are_not_empty() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let [id, secret, empty] =
            [file("id", "svc_1\n"), file("secret", "from the file\n"), file("empty", "\n")];
        let files = |id: &str, secret: &str| {
            load(&[("API__SERVICE__CLIENT_ID_FILE", id), ("API__SERVICE__CLIENT_SECRET_FILE", secret)])
        };
        let config = files(&id, &secret).unwrap();
        let (id_read, secret_read) = config.service.credentials().unwrap();
        assert_eq!((id_read, secret_read.expose()), ("svc_1", "from the file"));
        for (name, line) in [
            ("API__SERVICE__CLIENT_ID_FILE", files(&empty, &empty).unwrap_err()),
            ("API__SERVICE__CLIENT_SECRET_FILE", files(&id, &empty).unwrap_err()),
            ("API__SERVICE__CLIENT_SECRET_FILE", files(&id, "/nonexistent").unwrap_err()),
        ] {
            assert!(line.starts_with(name), "{line}");
        }
    }

    #[test]
    fn a_setting_that_does_not_exist_is_refused() {
        assert!(load(&[("API__AUTH__AUDIENCES", "x")]).unwrap_err().contains("audiences"));
    }
}
