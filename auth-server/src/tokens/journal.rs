//! What was done to keys without anybody asking for it, until somebody writes it down.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::Kind;

/// A change that the schedule asked for, made by us and not by another instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledChange {
    /// What was changed.
    pub kind: Kind,
    /// Its id.
    pub id: String,
    /// How.
    pub step: ScheduledStep,
}

/// What the schedule asks for. Times are Unix seconds; `None` = when somebody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduledStep {
    /// It was made, and comes into use then.
    Made(Option<i64>),
    /// It comes into use then, which is sooner than was planned.
    Moved(Option<i64>),
    /// It was of no use any more, and was deleted.
    Deleted,
}

#[derive(Debug, Default)]
pub(super) struct Journal {
    changes: Mutex<Vec<ScheduledChange>>,
    added: Notify,
}

impl Journal {
    pub(super) fn add(&self, change: ScheduledChange) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
        self.added.notify_one();
    }

    pub(super) fn take(&self) -> Vec<ScheduledChange> {
        std::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until there is something to take. What was added before counts.
    pub(super) async fn wait(&self) {
        self.added.notified().await;
    }
}
