//! `NumericDate` of RFC 7519 §2: seconds since 1970, where a fraction is allowed. Ours are whole seconds; a fraction of a
//! foreign writer is cut off when read.

use std::fmt;

use serde::{Deserializer, de};

/// Beyond this a JSON number may have lost whole seconds on its way (RFC 8259 §6), so no date lies there.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    deserializer.deserialize_any(NumericDate)
}

pub(crate) mod optional {
    use super::{Deserializer, deserialize as required};

    /// A member that is there must be a number: `null` is not a way to leave out a date.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
        required(deserializer).map(Some)
    }
}

struct NumericDate;

impl de::Visitor<'_> for NumericDate {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds since 1970")
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<i64, E> {
        u64::try_from(seconds).map_err(E::custom).and_then(|seconds| self.visit_u64(seconds))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<i64, E> {
        i64::try_from(seconds).map_err(E::custom)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounded to exact integers; a fraction is meant to be cut off"
    )]
    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<i64, E> {
        if (0.0..MAX_EXACT).contains(&seconds) {
            Ok(seconds as i64)
        } else {
            Err(E::invalid_value(de::Unexpected::Float(seconds), &self))
        }
    }
}
