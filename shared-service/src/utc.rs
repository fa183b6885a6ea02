//! Times in JSON: RFC 3339, UTC.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A point in time that serialises as RFC 3339 in UTC, such as `2026-11-20T12:00:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtcTime(Timestamp);

impl UtcTime {
    /// From Unix seconds. Times outside the years 1 to 9999 become the nearest one inside.
    pub fn from_secs(seconds: i64) -> Self {
        Self(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX))
    }

    /// From Unix milliseconds.
    pub fn from_millis(millis: i64) -> Self {
        Self(Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX))
    }
}

impl std::fmt::Display for UtcTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_in_utc() {
        assert_eq!(UtcTime::from_secs(1_795_000_000).to_string(), "2026-11-18T11:06:40Z");
        assert_eq!(UtcTime::from_millis(1_795_000_000_250).to_string(), "2026-11-18T11:06:40.25Z");
    }
}
