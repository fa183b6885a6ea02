//! The settings, typed and checked. Every default stands in `config/default.toml`.

use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use shared_claims::Scopes;
use shared_service::{
    client_address::TrustedProxies,
    config::{BaseUrl, ConfigError, List, Listen, Origin, Rate, Secret, Source, Ttl, empty_is_none},
    database::DatabaseUrl,
};

use crate::{
    accounts::{Password, Username},
    sessions::SessionRules,
    store::statuses::Revocation,
    tokens::{Rotation, jwks_max_age},
};

/// Where the settings come from.
pub const SOURCE: Source<'_> = Source {
    prefix: "AUTH",
    default_toml: include_str!("../config/default.toml"),
    secrets: &["database.url", "bootstrap.admin_password"],
};

/// All of it fits into a session's row, and into a token that verifiers take.
const MAX_AUDIENCE: usize = 1000;

/// How far past its expiry a verifier may still take a token: `shared_claims` refuses a longer leeway.
const LONGEST_VERIFIER_LEEWAY: Duration = Duration::from_mins(1);
/// Whoever wants revocations to take longer than this does not want any.
const LONGEST_STATUS_LIST_TTL: Duration = Duration::from_hours(24);
/// What is purged sooner than anybody reads it is no trail.
const SHORTEST_RETENTION: Duration = Duration::from_hours(24);
/// So many retired keys may be published beside the active and the next: `shared_claims` takes 512 at the most.
const MAX_RETAINED_KEYS: u64 = 400;

/// How much the clocks of instances, and of those who verify, may differ.
pub const CLOCK_LEEWAY: Duration = Duration::from_secs(10);

/// All settings of auth-server; each is described in `config/default.toml`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: Listen,
    pub issuer: BaseUrl,
    pub signup: Signup,
    pub trusted_proxies: TrustedProxies,
    pub database: Database,
    pub keys: KeySettings,
    pub tokens: Tokens,
    pub sessions: Sessions,
    pub status_list: StatusList,
    pub limits: Limits,
    pub cors: Cors,
    pub cookie: Cookie,
    pub passwords: Passwords,
    pub audit: Audit,
    pub bootstrap: Bootstrap,
    #[serde(deserialize_with = "role_scopes")]
    pub roles: BTreeMap<String, Scopes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Signup {
    Open,
    Off,
}

impl<'de> Deserialize<'de> for Signup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "open" => Ok(Self::Open),
            "off" => Ok(Self::Off),
            other => Err(D::Error::custom(format!("\"{other}\" is neither open nor off"))),
        }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: DatabaseUrl,
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub url_file: Option<String>,
    pub pool_size: u32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettings {
    pub dir: PathBuf,
    pub rotate_every: TtlOrOff,
    pub publish_ahead: Ttl,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub access_ttl: Ttl,
    pub audience: List<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    pub ttl: Ttl,
    pub idle_ttl: Ttl,
    pub refresh_grace: Ttl,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StatusList {
    pub ttl: Ttl,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub enabled: bool,
    pub login: Rate,
    pub signup: Rate,
    pub refresh: Rate,
    pub token: Rate,
    pub introspect: Rate,
    pub status_lists: Rate,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    pub allowed_origins: List<Origin>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Cookie {
    pub secure: bool,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    pub bcrypt_cost: u32,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub retention: TtlOrOff,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    #[serde(deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub admin_username: Option<String>,
    #[serde(deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub admin_password: Option<Secret>,
    #[serde(default, deserialize_with = "empty_is_none", skip_serializing_if = "Option::is_none")]
    pub admin_password_file: Option<String>,
}

impl Bootstrap {
    /// The first administrator, if the settings name one.
    pub fn admin(&self) -> Option<Result<(Username, Password), ConfigError>> {
        let refuse = |key: &str, reason: &str| SOURCE.complain(key, reason);
        match (&self.admin_username, &self.admin_password) {
            (None, None) => None,
            (Some(name), Some(password)) => Some(
                Username::parse(name).map_err(|reason| refuse("bootstrap.admin_username", reason)).and_then(
                    |name| {
                        let password = Password::chosen(password.expose());
                        Ok((name, password.map_err(|reason| refuse("bootstrap.admin_password", reason))?))
                    },
                ),
            ),
            (Some(_), None) => {
                Some(Err(refuse("bootstrap.admin_password", "is missing beside admin_username")))
            }
            (None, Some(_)) => {
                Some(Err(refuse("bootstrap.admin_username", "is missing beside admin_password")))
            }
        }
    }

    fn validate(&self) -> Result<(), ConfigError> {
        self.admin().transpose().map(drop)
    }
}

/// A length of time; `None` = `off`: it never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TtlOrOff(pub Option<Ttl>);

impl FromStr for TtlOrOff {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" { Ok(Self(None)) } else { text.parse().map(Some).map(Self) }
    }
}

impl fmt::Display for TtlOrOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(every) => every.fmt(f),
            None => f.write_str("off"),
        }
    }
}

impl<'de> Deserialize<'de> for TtlOrOff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Serialize for TtlOrOff {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn role_scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Scopes>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(deserializer)?;
    let parse = |(role, text): (String, String)| match text.parse() {
        Ok(scopes) => Ok((role, scopes)),
        Err(error) => Err(D::Error::custom(format!("the role {role}: {error}"))),
    };
    texts.into_iter().map(parse).collect()
}

impl Config {
    /// Reads and checks the settings: defaults, then `file`, then `AUTH__…` of the environment.
    pub fn load(
        file: Option<&std::path::Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let config: Self = shared_service::config::load(&SOURCE, file, environment)?;
        config.validate()?;
        Ok(config)
    }

    /// Rules that one value alone cannot break.
    fn validate(&self) -> Result<(), ConfigError> {
        let refuse = |key: &str, reason: &str| Err(SOURCE.complain(key, reason));
        let second = Duration::from_secs(1);
        if !(10..=16).contains(&self.passwords.bcrypt_cost) {
            return refuse("passwords.bcrypt_cost", "must be from 10 to 16");
        }
        if self.database.pool_size == 0 {
            return refuse("database.pool_size", "must be at least 1");
        }
        if *self.tokens.access_ttl < second {
            return refuse("tokens.access_ttl", "must be at least 1s");
        }
        if self.tokens.audience.iter().any(|name| name.contains(char::is_whitespace)) {
            return refuse("tokens.audience", "names must not contain blanks");
        }
        let audience: usize = self.tokens.audience.iter().map(|name| name.len() + 1).sum();
        if audience + self.issuer.as_str().len() > MAX_AUDIENCE {
            return refuse("tokens.audience", "must have at most 1000 characters, with the issuer");
        }
        if *self.sessions.idle_ttl < second || self.sessions.idle_ttl > self.sessions.ttl {
            return refuse("sessions.idle_ttl", "must be at least 1s and at most sessions.ttl");
        }
        if self.sessions.refresh_grace >= self.sessions.idle_ttl {
            return refuse("sessions.refresh_grace", "must be less than sessions.idle_ttl");
        }
        if !(second..=LONGEST_STATUS_LIST_TTL).contains(&*self.status_list.ttl) {
            return refuse("status_list.ttl", "must be at least 1s and at most 1d");
        }
        if self.audit.retention.0.is_some_and(|kept| *kept < SHORTEST_RETENTION) {
            return refuse("audit.retention", "must be at least 1d, or off: nothing is ever deleted then");
        }
        self.validate_keys()?;
        self.bootstrap.validate()
    }

    fn validate_keys(&self) -> Result<(), ConfigError> {
        let refuse = |key: &str, reason: String| Err(SOURCE.complain(key, reason));
        if *self.keys.publish_ahead < Duration::from_secs(1) {
            return refuse("keys.publish_ahead", "must be at least 1s".into());
        }
        if self.keys.rotate_every.0.is_some_and(|every| every < self.keys.publish_ahead) {
            let ahead = self.keys.publish_ahead;
            return refuse(
                "keys.rotate_every",
                format!("must be at least keys.publish_ahead, which is {ahead}"),
            );
        }
        let outlive = self.rotation().tokens_outlive.as_secs();
        let least = outlive.div_ceil(MAX_RETAINED_KEYS);
        if self.keys.rotate_every.0.is_some_and(|every| *every < Duration::from_secs(least)) {
            let reason = format!(
                "must be at least {least}s: a key is kept for {outlive}s after its successor took over, and verifiers \
                 take no set of more than 512 keys"
            );
            return refuse("keys.rotate_every", reason);
        }
        Ok(())
    }

    /// How long sessions live.
    pub fn session_rules(&self) -> SessionRules {
        SessionRules {
            ttl: self.sessions.ttl.as_secs(),
            idle_ttl: self.sessions.idle_ttl.as_secs(),
            refresh_grace_ms: self.sessions.refresh_grace.as_millis(),
        }
    }

    /// How long a signed status list is good: longer than every access token, so that an outage turns no good token
    /// bad.
    pub fn status_list_lifetime(&self) -> Duration {
        self.tokens
            .access_ttl
            .saturating_add(self.status_list.ttl.saturating_mul(2))
            .saturating_add(CLOCK_LEEWAY)
    }

    /// How long after a token was signed, by whatever instance, some verifier may still take it.
    pub fn tokens_are_taken_for(&self) -> Duration {
        self.tokens.access_ttl.saturating_add(LONGEST_VERIFIER_LEEWAY).saturating_add(CLOCK_LEEWAY)
    }

    /// How tokens are revoked at `now` (Unix seconds), whoever does it.
    pub fn revocation(&self, now: i64) -> Revocation {
        Revocation { now, until: now.saturating_add_unsigned(self.tokens_are_taken_for().as_secs()) }
    }

    /// When keys change. Another instance may notice a change as late as a max-age after it was made, and signs with the
    /// old key until then.
    pub fn rotation(&self) -> Rotation {
        let every = self.keys.rotate_every.0.map(|every| *every);
        let publish_ahead = *self.keys.publish_ahead;
        let noticed_within = jwks_max_age(publish_ahead).saturating_add(CLOCK_LEEWAY);
        Rotation {
            every,
            publish_ahead,
            tokens_outlive: self.status_list_lifetime().saturating_add(noticed_within),
            links_outlive: self
                .sessions
                .idle_ttl
                .saturating_add(*self.sessions.refresh_grace)
                .saturating_add(noticed_within),
        }
    }
}
