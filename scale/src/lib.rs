//! Fills databases with as many rows as a large installation has, looks there at the plan of every statement that the
//! servers execute, and measures what requests cost. Run by `cargo xtask seed` and `cargo xtask scale`; never shipped.
#![expect(clippy::print_stdout, reason = "what a command prints is its purpose")]

pub mod check;
mod cost;
mod place;
mod plans;
pub mod seed;
mod statements;
mod system;
mod tour;
