//! What must be true of a probe's requests before, during and after the outage.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{prober::Probe, support::Try};

/// After its return, everything works within this. Three seconds is what to expect; the machine is busy.
const RECOVERED_WITHIN: Duration = Duration::from_secs(5);
/// What needs no database is not slowed down by its absence. As generous.
const UNDISTURBED: Duration = Duration::from_secs(2);

/// When the database was away, and how long an answer may take.
pub(crate) struct Outage {
    /// When it began to go; until then everything was served.
    pub(crate) begins: Instant,
    /// When it was gone; from then on nothing is.
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    /// When it answered again.
    pub(crate) back_at: Instant,
    pub(crate) bound: Duration,
}

/// Of one probe.
pub(crate) struct Verdict {
    probe: Probe,
    bound: Duration,
    served_before: usize,
    /// Ended while the database was away: 503 with `Retry-After`.
    refused: usize,
    /// Begun and ended while the database was away: 200.
    served_during: usize,
    slowest: Duration,
    /// From the return to the end of the first request that was served.
    back_after: Option<Duration>,
    faults: Vec<String>,
}

impl Verdict {
    pub(crate) fn over(probe: Probe, tries: &[Try], outage: &Outage) -> Self {
        let served = |tried: &Try| matches!(tried.status, Some(200 | 201));
        let ended = |tried: &Try| tried.at + tried.took;
        let during = |tried: &&Try| tried.at > outage.from && ended(tried) < outage.until;
        let late = |tried: &&Try| tried.at > outage.back_at + RECOVERED_WITHIN;
        let refused = |tried: &&Try| tried.status == Some(503) && tried.retry_after.is_some_and(|s| s > 0);
        let strange = tries.iter().filter(|tried| !served(tried) && !refused(tried));
        let early = tries.iter().filter(|tried| ended(tried) < outage.begins && !served(tried));
        let still = tries.iter().filter(|tried| late(tried) && !served(tried));
        let back = tries
            .iter()
            .filter(|tried| tried.at > outage.from && ended(tried) > outage.until && served(tried));
        Self {
            probe,
            bound: if probe.is_independent() { UNDISTURBED } else { outage.bound },
            served_before: tries.iter().filter(|tried| ended(tried) < outage.from).count(),
            refused: tries.iter().filter(refused).count(),
            served_during: tries.iter().filter(during).filter(|tried| served(tried)).count(),
            slowest: tries.iter().map(|tried| tried.took).max().unwrap_or_default(),
            back_after: back.map(|tried| ended(tried).saturating_duration_since(outage.back_at)).min(),
            faults: strange
                .chain(early)
                .chain(still)
                .map(|tried| format!("{}: {:?} after {:?}", tried.request, tried.status, tried.took))
                .collect(),
        }
    }

    pub(crate) fn assert_good(&self) {
        let Self { probe, served_before, refused, served_during, slowest, back_after, .. } = self;
        assert!(self.faults.is_empty(), "{probe:?}: {:#?}", self.faults);
        assert!(*served_before > 0, "{probe:?} was not asked before");
        assert!(*slowest < self.bound, "{probe:?} took {slowest:?}");
        if probe.is_independent() {
            assert!(*refused == 0 && *served_during > 0, "{probe:?} needs no database: {self}");
        } else {
            assert!(*refused > 0 && *served_during == 0, "{probe:?} needs the database: {self}");
        }
        assert!(back_after.is_some_and(|after| after < RECOVERED_WITHIN), "{probe:?} is not back: {self}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { probe, served_before, refused, served_during, slowest, back_after, .. } = self;
        write!(
            f,
            "{probe:?}: {served_before} before; during {served_during} served, {refused} refused; \
             slowest {slowest:.2?}; back after {back_after:.2?}"
        )
    }
}
