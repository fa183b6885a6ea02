//! Three auth-servers and two resource-apis on one PostgreSQL and one key folder, behind nginx: whatever holds with one
//! instance holds whichever answers, and while instances are killed and replaced.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails"
)]

#[path = "../support/mod.rs"]
mod support;

mod administration;
mod back_off;
mod callers;
mod following;
mod killing;
mod lives;
mod load;
mod replacing;
mod revocation;
mod rotation;
mod sessions;
