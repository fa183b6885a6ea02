//! Checked values of settings. All are read from strings; each error says what would do.

use std::{fmt, net::SocketAddr, num::NonZeroU32, ops::Deref, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use url::Url;

/// Implements `Deserialize` through `FromStr`, and `Serialize` through `Display`.
macro_rules! from_string {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )*};
}

from_string!(Ttl, Rate, Origin, BaseUrl, Listen);

/// A length of time, written as a number and a unit: `90s`, `5m`, `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ttl(Duration);

impl Ttl {
    /// Whole seconds, for times that are stored.
    pub fn as_secs(self) -> i64 {
        i64::try_from(self.0.as_secs()).unwrap_or(i64::MAX)
    }

    /// Milliseconds, for times that are compared finely.
    pub fn as_millis(self) -> i64 {
        i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)
    }
}

impl Deref for Ttl {
    type Target = Duration;
    fn deref(&self) -> &Duration {
        &self.0
    }
}

impl FromStr for Ttl {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        humantime::parse_duration(text).map(Self).map_err(|_| {
            format!("\"{text}\" is not a length of time; write a number and a unit, such as 90s, 5m, 30d")
        })
    }
}

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

/// How often something may happen: `60/1m` is 60 times at once, and then again as often as a minute has 60ths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    burst: NonZeroU32,
    per: Ttl,
}

impl Rate {
    /// More than this cannot be meant; and one in so many of the shortest period can still be measured.
    const MOST: u32 = 1_000_000;
    const PERIODS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);

    /// How often at once.
    pub fn burst(self) -> NonZeroU32 {
        self.burst
    }

    /// After what time there is room for one more. Never zero.
    pub fn interval(self) -> Duration {
        *self.per / self.burst.get()
    }
}

impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (burst, per) = text.split_once('/')?;
            Some(Self { burst: burst.parse().ok()?, per: per.parse().ok()? })
        };
        let rate = parse().ok_or_else(|| {
            format!("\"{text}\" is not a rate; write a number from 1 and a length of time, such as 60/1m")
        })?;
        if rate.burst.get() > Self::MOST || !Self::PERIODS.contains(&*rate.per) {
            return Err(format!("\"{text}\" must be at most {} in 1s to 1d, such as 60/1m", Self::MOST));
        }
        Ok(rate)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.burst, self.per)
    }
}

/// A web origin, exactly as a browser sends it: scheme, host and port, nothing after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Err(
                "\"*\" would let every web site act for a signed-in user; list the exact origins".into()
            );
        }
        let exact = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        match exact {
            Some(url) if url.origin().ascii_serialization() == text => Ok(Self(text.into())),
            _ => {
                Err(format!("\"{text}\" is not an origin; write scheme://host[:port] with nothing after it"))
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A URL that paths are appended to. Kept byte for byte, because `iss` is compared byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This URL with a path (which begins with `/`) appended.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for BaseUrl {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        // The parser would drop blanks and line ends that are kept here.
        let url = Url::parse(text)
            .ok()
            .filter(|_| text.chars().all(|c| c.is_ascii_graphic()))
            .ok_or_else(|| format!("{text:?} is not a URL; write one such as https://auth.example.org"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(format!("\"{text}\" is not an http or https URL"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL must not carry a user name or password".into());
        }
        if text.ends_with('/') || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("\"{text}\" must end without a slash, query or fragment"));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address to listen on. Port 0 lets the system choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl FromStr for Listen {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| format!("\"{text}\" is not an IP address and port"))
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A comma-separated list. Blanks around an entry do not count; an empty text is an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(Vec<T>);

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(|entry| entry.parse().map_err(D::Error::custom)).collect()
    }
}

impl<T: fmt::Display> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        serializer.serialize_str(&entries.join(","))
    }
}

/// Text that must not be shown. `Debug` and `Serialize` hide it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, at the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[hidden]")
    }
}

/// For optional settings: an empty text is the same as none, as in `AUTH__X=` of a compose file.
pub fn empty_is_none<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !text.is_empty() => text.parse().map(Some).map_err(D::Error::custom),
        _ => Ok(None),
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.into()))
    }
}
