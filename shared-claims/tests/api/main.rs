//! The crate from outside: tokens, key sets over real HTTP, and handlers behind a real server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod extractors;
mod forgeries;
mod key_sets;
mod mutations;
mod remote_keys;
mod support;
mod token_rules;
