//! Notices within a second what other instances, or the command line, change in the folder.

use std::time::{Duration, Instant};

use super::{Keys, key_folder::Stamp};

/// How often the folder is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Tells when the folder is to be read again.
#[derive(Debug)]
struct Watch {
    seen: Option<Stamp>,
    settled: bool,
    read_at: Instant,
    complaint: Option<String>,
}

impl Watch {
    fn new(now: Instant) -> Self {
        Self { seen: None, settled: false, read_at: now, complaint: None }
    }

    /// Whether a folder of this stamp is to be read now. File systems tell the time in steps of some milliseconds: what
    /// changed within the step in which we read bears the stamp that we saw. So a folder that has changed is read once
    /// more when the next look comes.
    fn is_due(&mut self, stamp: Option<Stamp>, every: Duration, now: Instant) -> bool {
        let changed = stamp != self.seen;
        let on_time = now.duration_since(self.read_at) >= every;
        let due = changed || !self.settled || on_time;
        if due {
            (self.seen, self.settled, self.read_at) = (stamp, !changed, now);
        }
        due
    }

    /// What to log: a folder that stays as bad as it was is not complained of each second.
    fn complain(&mut self, result: Result<(), String>) -> Option<String> {
        let complaint = result.err();
        let news = complaint.clone().filter(|complaint| self.complaint.as_ref() != Some(complaint));
        // Until it has been read, the folder has not been seen.
        self.settled &= complaint.is_none();
        self.complaint = complaint;
        news
    }
}

impl Keys {
    /// Reads the folder for as long as the server runs: when it has changed, and on a timer. A folder that cannot be
    /// read leaves the ring as it is; a file that cannot, the key that was read from it.
    pub async fn reread_on_a_timer(self) {
        let every = self.rotation.reread_every();
        let mut watch = Watch::new(Instant::now());
        let mut looks = tokio::time::interval(LOOK_EVERY.min(every));
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let keys = self.clone();
            let looked = actix_web::web::block(move || {
                keys.look(&mut watch, every);
                watch
            });
            watch = looked.await.unwrap_or_else(|broken| {
                log::error!("looking at the key folder was broken off: {broken}");
                Watch::new(Instant::now())
            });
        }
    }

    fn look(&self, watch: &mut Watch, every: Duration) {
        // The stamp is taken before the reading, so that a change during the reading shows at the next look.
        if !watch.is_due(self.folder.stamp().ok(), every, Instant::now()) {
            return;
        }
        let read = self.reread().map_err(|error| format!("{error:#}"));
        if let Some(complaint) = watch.complain(read) {
            log::error!("the key folder is not in order; what was good of it stays in use: {complaint}");
        }
    }
}

#[cfg(test)]
#[path = "key_watch_tests.rs"]
mod tests;
