//! How instances end and come back.

use crate::support::{Deployment, Instance};

impl Deployment {
    /// Every instance of both programs.
    pub(crate) fn instances(&mut self) -> Vec<&mut Instance> {
        self.auth.iter_mut().chain(&mut self.api).collect()
    }

    /// What no instance should have logged.
    pub(crate) fn assert_no_complaints(&self) {
        let log = self.logs();
        let bad = |line: &&str| {
            line.contains(" ERROR ") || line.contains("panicked") || line.contains("ahead of its row")
        };
        let bad: Vec<_> = log.lines().filter(bad).collect();
        assert!(bad.is_empty(), "{bad:#?}");
        let log = self.database.log();
        assert!(!log.contains("deadlock") && !log.contains("PANIC"), "{log}");
    }
}

impl Instance {
    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) fn kill(&mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "it has ended by itself:\n{}", self.log());
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// On the same address and with the same settings.
    pub(crate) fn start_again(&mut self) {
        self.child = self.launch.spawn();
        self.wait_until_ready();
    }
}
