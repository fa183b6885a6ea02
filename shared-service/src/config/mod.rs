//! Settings: built-in defaults, then an optional TOML file, then the environment; one clear line for a bad one.

mod values;

use std::path::{Path, PathBuf};

use ::config::{Config, File, FileFormat};
use serde::de::DeserializeOwned;

pub use values::{BaseUrl, List, Listen, Origin, Rate, Secret, Ttl, empty_is_none};

/// Where a program's settings come from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The first part of every environment variable: `AUTH` for `AUTH__LISTEN`.
    pub prefix: &'a str,
    /// The program's `default.toml`.
    pub default_toml: &'a str,
    /// Keys (dotted, lower case) that may also be given as a file, by the same key with `_file` appended.
    pub secrets: &'a [&'a str],
}

/// A setting that cannot be used. Its `Display` is one line: the key, what is wrong, an example.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The settings file cannot be read or is not TOML.
    #[error("settings file {}: {reason}", path.display())]
    File {
        /// The file as it was named.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// One setting is wrong.
    #[error("{key}: {reason}{}", example.as_ref().map(|e| format!(" (for example {key}={e})")).unwrap_or_default())]
    Setting {
        /// The environment variable that sets it.
        key: String,
        /// What is wrong with it.
        reason: String,
        /// A value that would do.
        example: Option<String>,
    },
}

impl Source<'_> {
    /// The environment variable of a dotted key: `tokens.access_ttl` is `AUTH__TOKENS__ACCESS_TTL`.
    pub fn variable(&self, key: &str) -> String {
        format!("{}__{}", self.prefix, key.to_uppercase().replace('.', "__"))
    }

    /// A complaint about one setting, for rules that concern several of them.
    pub fn complain(&self, key: &str, reason: impl Into<String>) -> ConfigError {
        ConfigError::Setting { key: self.variable(key), reason: reason.into(), example: self.default_of(key) }
    }

    fn default_of(&self, key: &str) -> Option<String> {
        defaults(self).get_string(key).ok().filter(|value| !value.is_empty())
    }
}

/// Reads the settings: defaults, then `file`, then those of `environment` that begin with the prefix.
///
/// Every value may be written as a string, as the environment does; nothing is guessed from its looks, so a secret
/// `00123456` stays what it is. Unknown keys are refused by `T` (`deny_unknown_fields`).
pub fn load<T: DeserializeOwned>(
    source: &Source<'_>,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<T, ConfigError> {
    let mut builder = Config::builder().add_source(defaults(source));
    if let Some(path) = file {
        builder = builder.add_source(read_file(path)?);
    }
    let prefix = format!("{}__", source.prefix);
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix(&prefix) else { continue };
        let key = rest.to_lowercase().replace("__", ".");
        builder = builder.set_override(key.as_str(), value).map_err(|_| ConfigError::Setting {
            key: name.clone(),
            reason: "is not the name of a setting".into(),
            example: None,
        })?;
    }
    let config = builder.build().map_err(|error| general(source, &error))?;
    let config = resolve_secret_files(source, config)?;
    serde_path_to_error::deserialize(config).map_err(|error| {
        let key = error.path().to_string();
        source.complain(key.trim_start_matches('.'), innermost(error.into_inner()))
    })
}

fn defaults(source: &Source<'_>) -> Config {
    #[expect(clippy::expect_used, reason = "the text is compiled in and every start of the program reads it")]
    Config::builder()
        .add_source(File::from_str(source.default_toml, FileFormat::Toml))
        .build()
        .expect("the built-in default.toml is valid")
}

fn read_file(path: &Path) -> Result<Config, ConfigError> {
    let refuse = |reason: String| ConfigError::File { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    Config::builder()
        .add_source(File::from_str(&text, FileFormat::Toml))
        .build()
        .map_err(|error| refuse(without_source(&error)))
}

/// What a TOML error says, and where; not the line itself, which may hold a secret.
fn without_source(error: &::config::ConfigError) -> String {
    let text = error.to_string();
    let lines =
        text.lines().filter(|line| !line.trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '|'));
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

/// A secret kept in a file of its own wins over one given in place: containers mount secrets as files.
fn resolve_secret_files(source: &Source<'_>, config: Config) -> Result<Config, ConfigError> {
    let mut builder = Config::builder();
    for secret in source.secrets {
        let key = format!("{secret}_file");
        let Some(path) = config.get_string(&key).ok().filter(|path| !path.is_empty()) else { continue };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| source.complain(&key, format!("cannot read {path}: {error}")))?;
        let value = text.trim_end_matches(['\r', '\n']).to_owned();
        builder = builder.set_override(*secret, value).map_err(|error| general(source, &error))?;
    }
    builder.add_source(config).build().map_err(|error| general(source, &error))
}

fn general(source: &Source<'_>, error: &::config::ConfigError) -> ConfigError {
    ConfigError::Setting {
        key: format!("{}__…", source.prefix),
        reason: error.to_string().replace('\n', " "),
        example: None,
    }
}

/// The plain reason, without the key and origin that `config` adds: we name the key ourselves.
fn innermost(error: ::config::ConfigError) -> String {
    match error {
        ::config::ConfigError::At { error, .. } => innermost(*error),
        ::config::ConfigError::Message(message) => message,
        ::config::ConfigError::Type { unexpected, expected, .. } => {
            format!("{unexpected}, expected {expected}")
        }
        other => other.to_string().replace('\n', " "),
    }
}

#[cfg(test)]
mod tests;
