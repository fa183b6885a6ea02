//! `sslmode` in a URL, as PostgreSQL has defined it and as we read it for MySQL too.

use std::fmt;

use url::Url;

/// How much TLS is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TlsMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

const MODES: [(&str, TlsMode); 6] = [
    ("disable", TlsMode::Disable),
    ("allow", TlsMode::Allow),
    ("prefer", TlsMode::Prefer),
    ("require", TlsMode::Require),
    ("verify-ca", TlsMode::VerifyCa),
    ("verify-full", TlsMode::VerifyFull),
];

impl TlsMode {
    /// What the URL asks for, if it says anything.
    pub(super) fn of(url: &Url) -> Result<Option<Self>, String> {
        let Some((_, wanted)) = url.query_pairs().find(|(name, _)| name == "sslmode") else {
            return Ok(None);
        };
        match MODES.iter().find(|(name, _)| *name == wanted) {
            Some((_, mode)) => Ok(Some(*mode)),
            None => {
                Err("has a sslmode that is not known; write disable, prefer, require or verify-full".into())
            }
        }
    }

    /// Whether a connection without TLS is not good enough.
    pub(super) fn insists(self) -> bool {
        matches!(self, Self::Require | Self::VerifyCa | Self::VerifyFull)
    }
}

impl fmt::Display for TlsMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = MODES.iter().find(|(_, mode)| mode == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}
