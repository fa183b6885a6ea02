//! The statements that the servers execute: catching them, and reading them back.

pub(crate) mod recorder;
mod statement;

pub(crate) use recorder::{Purpose, Seen};
pub(crate) use statement::{Dialect, Statement, Value};
